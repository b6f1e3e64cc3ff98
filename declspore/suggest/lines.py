"""The fewest renames that make names of names: patterns learnt from pairs.

Every pattern is tried against all names of the file before it is taken: it must match nothing
that is not meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from declspore.dataclass import dataclass
from declspore.ir.pattern import Pattern, path_pattern, template
from declspore.suggest.kinds import FamilyOfNames, kinds_of, patterns, skeleton

_TRIED = 40
_MOST_EXCEPTED = 12
_FEW = 3
"""Renames that are few enough not to look for fewer without exceptions."""
_CAPTURE = re.compile(r"\{(\w+)(?:(\*\*)|:int)?\}")
_SHOWN = (0, 1, 2, None)
"""How many segments around a change are written out, from the most general to none captured."""


@dataclass(frozen=True, slots=True)
class Rename:
    """``pattern`` -> ``target`` for ``names``, which are all it matches except ``excepted``."""

    pattern: str
    target: str
    names: tuple[str, ...]
    excepted: tuple[str, ...] = ()

    def text(self, source: str) -> str:
        head = f"rename {source}.`{self.pattern}`"
        if self.excepted:
            head += f" except {', '.join(f'{source}.`{p}`' for p in self.excepted)}"
        return f"{head} -> `{self.target}` exactly {len(self.names)}"


def renames(
    pairs: Mapping[str, str], names: Collection[str], apart: Sequence[str] = ()
) -> list[Rename]:
    """Lines that rename each key of ``pairs`` to its value and no other of ``names``.

    ``apart`` are patterns of names that other lines are about; a rename may except them.
    """
    finder = _Finder(pairs, names, apart)
    found = finder.find(defer=True)
    if found is not None and (len(found) <= _FEW or not any(rename.excepted for rename in found)):
        return found
    plain = finder.find(defer=False)
    assert plain is not None
    return plain if found is None or len(plain) <= len(found) else found


class _Finder:
    """Greedy: the most general patterns first, each for as many names as it is right for."""

    def __init__(
        self, pairs: Mapping[str, str], names: Collection[str], apart: Sequence[str]
    ) -> None:
        self._names = names
        self._pairs = {old: new for old, new in pairs.items() if old != new}
        self._kinds = kinds_of(self._pairs)
        self._apart = [path_pattern(text) for text in apart]
        kind_of = {name: id(kind) for kind in self._kinds for name in kind.members}
        firsts = {(skeleton(name), kind_of.get(name)): name for name in names}
        self._samples = list(firsts.values())
        self._with: dict[str, list[str]] = defaultdict(list)
        for name in names:
            for segment in set(name.split(".")):
                self._with[segment].append(name)

    def find(self, *, defer: bool) -> list[Rename] | None:
        """Renames for all pairs; with ``defer`` general ones may except what special ones say,
        and None where that would take too many exceptions."""
        self._left = dict.fromkeys(self._pairs)
        done: list[Rename] = []
        deferred: list[tuple[Rename, list[str]]] = []
        for shown in _SHOWN:
            for literal in (False, True):
                may_except = defer and shown == 0 and not literal
                last = literal and shown is None
                tried = patterns(self._kinds_left(), shown, literal)
                for pattern, target in tried if last else tried[:_TRIED]:
                    rename, wrong = self._match(pattern, target, may_except)
                    if rename is None:
                        continue
                    if wrong:
                        deferred.append((rename, wrong))
                    else:
                        done.append(rename)
                    for name in rename.names:
                        del self._left[name]
        return self._with_exceptions(done, deferred)

    def _kinds_left(self) -> list[FamilyOfNames]:
        kinds = (
            FamilyOfNames(kind.runs, {n: m for n, m in kind.members.items() if n in self._left})
            for kind in self._kinds
        )
        return [kind for kind in kinds if kind.members]

    def _with_exceptions(
        self, done: list[Rename], deferred: list[tuple[Rename, list[str]]]
    ) -> list[Rename] | None:
        others = [*done, *(rename for rename, _ in deferred)]
        loosened = [path_pattern(_loosened(other.pattern)) for other in others]
        for rename, wrong in deferred:
            excepted = _exceptions(rename.names, wrong, loosened)
            if excepted is None or len(excepted) > _MOST_EXCEPTED:
                return None
            done.append(replace(rename, excepted=(*rename.excepted, *excepted)))
        return done

    def _match(
        self, pattern: str, target: str, may_except: bool
    ) -> tuple[Rename | None, list[str]]:
        """The rename for the names it is right for, and the names it must not match; None where
        it is right for none, or may match none that is wrong."""
        compiled, new = path_pattern(pattern), template(target)
        wrong: list[str] = []
        for names in (self._samples, self._possible(pattern)):
            right: list[str] = []
            wrong = []
            for name in names:
                captures = compiled.match(name)
                if captures is not None:
                    fits = name in self._left and new.fill(captures) == self._pairs[name]
                    (right if fits else wrong).append(name)
            wrong, excepted = self._set_apart(right, wrong)
            if wrong and not (may_except and all(name in self._left for name in wrong)):
                return None, wrong
        if not right:
            return None, wrong
        return Rename(pattern, target, tuple(right), excepted), wrong

    def _set_apart(
        self, right: Sequence[str], wrong: Sequence[str]
    ) -> tuple[list[str], tuple[str, ...]]:
        """What stays wrong, and the patterns of other lines that take the rest away."""
        if not wrong or not self._apart:
            return list(wrong), ()
        others = [n for n in wrong if any(p.matches(n) for p in self._apart)]
        excepted = _exceptions(right, others, self._apart)
        if excepted is None:
            return list(wrong), ()
        met = set(others)
        return [name for name in wrong if name not in met], tuple(excepted)

    def _possible(self, pattern: str) -> Iterable[str]:
        """Names that could match, by the rarest segment that is whole in the pattern."""
        if "{" not in pattern:
            return [pattern]
        whole = [segment for segment in pattern.split(".") if "{" not in segment]
        if not whole:
            return self._names
        return min((self._with.get(segment, []) for segment in whole), key=len)


def _exceptions(
    right: Iterable[str], wrong: Sequence[str], candidates: Sequence[Pattern]
) -> list[str] | None:
    """Of the patterns the few that match all of ``wrong`` and none of ``right``."""
    matched = {
        pattern.text: {name for name in wrong if pattern.matches(name)} for pattern in candidates
    }
    compiled = {pattern.text: pattern for pattern in candidates}
    left = set(wrong)
    found: list[str] = []
    while left:
        text = max(matched, key=lambda text: len(matched[text] & left), default=None)
        if text is None or not matched[text] & left:
            return None
        names = matched.pop(text)
        if not any(compiled[text].match(name) is not None for name in right):
            found.append(text)
            left -= names
    return found


def _loosened(pattern: str) -> str:
    """The pattern without its captures."""
    return _CAPTURE.sub(lambda found: found[2] or "*", pattern)
