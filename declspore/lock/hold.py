"""What a lock asks of another run."""

from __future__ import annotations

from declspore.lock import errors
from declspore.lock.digest import FileDigest
from declspore.lock.model import Lock, LockedFile, LockedText
from declspore.report import Sink


def check_recipe(held: Lock, recipe: Lock) -> None:
    """Raises DiagnosticError where the spec, an import or a param is not the lock's."""
    sink = Sink()
    _check_text(held, held.spec, recipe.spec, "spec", sink)
    old = {(text.shipped, text.path): text for text in held.imports}
    new = {(text.shipped, text.path): text for text in recipe.imports}
    for key in sorted(old.keys() | new.keys()):
        _check_text(held, old.get(key), new.get(key), f"import, {key[1]}", sink)
    for name in sorted(held.params.keys() | recipe.params.keys()):
        expected, found = held.params.get(name), recipe.params.get(name)
        if expected != found:
            help = f"--set {name}={expected}" if expected is not None else f"leave out --set {name}"
            shown = _shown(expected), _shown(found)
            sink.report(errors.other_recipe(held.path, f"param, {name}", *shown, help))
    sink.raise_errors()


def same_digest(expected: LockedFile, found: FileDigest) -> bool:
    """Whether a file is the one recorded: to the byte, or, where encryption makes the bytes new
    each time, tensor for tensor."""
    if expected.mode is None or found.tensors is None:
        return expected.digest.blake3 == found.blake3
    return expected.digest.tensors == found.tensors


def other_versions(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    return [
        f"{name} {old}, not {found.get(name, 'none')}"
        for name, old in expected.items()
        if found.get(name) != old
    ]


def _check_text(
    held: Lock, old: LockedText | None, new: LockedText | None, what: str, sink: Sink
) -> None:
    expected, found = old.blake3 if old else "none", new.blake3 if new else "none"
    if expected != found:
        help = "a run without --locked takes it as it is and writes a new lock"
        sink.report(errors.other_recipe(held.path, what, expected, found, help))


def _shown(value: str | None) -> str:
    return "no value given" if value is None else value
