"""What rules decide of the entries of the inputs."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.dataclass import dataclass
from declspore.registry.effect import Effect
from declspore.tasks.edit.task import Rule

Key = tuple[str, str]
"""An entry of an input: (input, name)."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An effect on an entry and the rule it comes from; ``follows`` where it comes by a weight."""

    effect: Effect
    rule: Rule
    follows: str | None = None


class Decisions:
    """All decisions, by the entries they are about, each in the order in which they were made."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Decided | tuple[Decided, ...]]] = {}
        """By input and name; most entries have one, which stands for itself."""

    def add(self, source: str, name: str, decided: Decided) -> None:
        found = self._found.setdefault(source, {})
        before = found.setdefault(name, decided)
        if before is not decided:
            found[name] = (*(before if isinstance(before, tuple) else (before,)), decided)

    def of(self, source: str, name: str) -> tuple[Decided, ...]:
        found = self._found.get(source, {}).get(name, ())
        return found if isinstance(found, tuple) else (found,)

    def has_own(self, source: str, name: str) -> bool:
        """Whether a rule is about the entry itself, not about a weight that it follows."""
        return any(decided.follows is None for decided in self.of(source, name))

    def several(self) -> Iterator[tuple[str, tuple[Decided, ...]]]:
        """The names of entries of which more than one thing is decided, with what."""
        for names in self._found.values():
            for name, found in names.items():
                if isinstance(found, tuple):
                    yield name, found

    def clear(self) -> None:
        """Forget them: what became of the entries is known."""
        self._found.clear()

    def __iter__(self) -> Iterator[Decided]:
        for names in self._found.values():
            for found in names.values():
                if isinstance(found, tuple):
                    yield from found
                else:
                    yield found
