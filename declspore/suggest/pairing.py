"""Which entry of a checkpoint is meant by which parameter of a network, by names and shapes.

Names are rewritten by rules that are learnt from the two tables: a prefix more or less, a level
more or less, a word for another. A rule is taken for how many entries it brings to a parameter of
their shape; where two rules would do equally well with the same entries, and their words do not
distinguish them, neither is taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry
from declspore.suggest.paths import Beginnings, Segments, meanings, representatives
from declspore.suggest.rules import Rule, differences, neighbours, ranges, rules_between

_EACH, _MOST = 4, 1500
"""Of entries that differ in numbers only, and in all, so many are learnt from."""
_TRIED = 64
_ROUNDS = 40
_LITTLE = 3
"""Entries that are little evidence for a rule."""
_CLEAR = 0.1
"""Difference in likeness that separates two rules."""

Rewriting = tuple[Rule, ...]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Pairing:
    """Parameters by the entry that is meant by them, and what is left on both sides.

    A pair agrees in its name, rewritten; shape and type may still differ.
    """

    pairs: dict[str, str]
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def pair(wanted: Sequence[HeaderEntry], entries: Sequence[HeaderEntry]) -> Pairing:
    """Pair entries with the parameters that are meant; near linear in their number."""
    matching = _Matching(wanted, entries)
    matching.learn()
    matching.take(any_shape=True)
    paired = set(matching.pairs.values())
    return Pairing(
        matching.pairs,
        tuple(entry.name for entry in wanted if entry.name not in paired),
        tuple(entry.name for entry in entries if entry.name not in matching.pairs),
    )


@dataclass(frozen=True)
class _Trial:
    rewriting: Rewriting
    targets: dict[str, Segments]
    score: float

    @property
    def likeness(self) -> float:
        return min(rule.likeness for rule in self.rewriting)

    @property
    def rank(self) -> tuple[float, float, int]:
        return self.score, self.likeness, -sum(rule.size for rule in self.rewriting)

    def disagrees(self, other: _Trial) -> bool:
        """Whether the two send an entry to two places, or two entries to one."""
        if any(other.targets.get(name, path) != path for name, path in self.targets.items()):
            return True
        owners = {path: name for name, path in other.targets.items()}
        return any(owners.get(path, name) != name for name, path in self.targets.items())

    def is_clearer_than(self, other: _Trial) -> bool:
        if abs(self.likeness - other.likeness) >= _CLEAR:
            return True
        # of two prefixes that could go, the shorter: `network.` before `ema.network.`
        return self.rank != other.rank and not any(
            rule.new for rule in (*self.rewriting, *other.rewriting)
        )


class _Matching:
    def __init__(self, wanted: Sequence[HeaderEntry], entries: Sequence[HeaderEntry]) -> None:
        self.pairs: dict[str, str] = {}
        theirs = meanings(entry.name for entry in wanted)
        ours = meanings(entry.name for entry in entries)
        known = {entry.name for entry in entries}
        self._shapes = {entry.name: entry.shape for entry in entries}
        self._free = {theirs[entry.name]: entry for entry in wanted if entry.name not in known}
        self._beginnings = Beginnings(theirs.values())
        parameters = {entry.name for entry in wanted}
        self._open: dict[str, Segments] = {}
        for name, path in ours.items():
            if name in parameters:
                self.pairs[name] = name
            else:
                self._open[name] = path
        self.take()

    def take(self, *, any_shape: bool = False) -> None:
        """Pair the open entries whose rewritten path is that of a free parameter."""
        for name, path in list(self._open.items()):
            target = self._free.get(path)
            if target is None:
                continue
            alike = target.shape == self._shapes[name]
            if alike or (any_shape and len(target.shape) == len(self._shapes[name])):
                self.pairs[name] = target.name
                del self._free[path], self._open[name]

    def learn(self) -> None:
        """Take rule after rule, the one that helps most first, while any helps."""
        for _ in range(_ROUNDS):
            if not self._open or not self._free:
                return
            best = self._best([(rule,) for rule in self._single()]) or self._best(
                list(self._several())
            )
            if best is None:
                return
            self._apply(best)
            self.take()

    # ---- trying

    def _best(self, candidates: Sequence[Rewriting]) -> Rewriting | None:
        trials = [self._try(rewriting) for rewriting in candidates]
        ranked = sorted((t for t in trials if t.score > 0), key=lambda t: t.rank, reverse=True)
        for index, trial in enumerate(ranked):
            rivals = (
                other
                for place, other in enumerate(ranked)
                if place != index and other.score == trial.score and trial.disagrees(other)
            )
            if all(trial.is_clearer_than(other) and trial.rank > other.rank for other in rivals):
                return trial.rewriting
        return None

    def _try(self, rewriting: Rewriting) -> _Trial:
        targets: dict[str, Segments] = {}
        taken: set[Segments] = set()
        misfits = 0
        for path, name, shape in self._sample:
            image = self._rewritten(path, shape, rewriting)
            target = self._free.get(image)
            if target is None or image == path or image in taken:
                continue
            if target.shape == shape:
                taken.add(image)
                targets[name] = image
            else:
                misfits += 1
        score = len(targets) - misfits / 2
        if len(targets) <= _LITTLE:
            score -= self._left_out(targets)
        return _Trial(rewriting, targets, score)

    def _left_out(self, targets: Mapping[str, Segments]) -> int:
        """Parameters of the same layers that nothing would feed: half a layer is not a layer."""
        layers = {path[:-1] for path in targets.values()}
        return sum(path[:-1] in layers for path in self._free) - len(targets)

    def _rewritten(self, path: Segments, shape: Shape, rewriting: Rewriting) -> Segments:
        """The path after the rules; one that would lead away from all parameters is left out."""
        for rule in rewriting:
            better = None
            for _, image in rule.images(path):
                target = self._free.get(image)
                if target is not None and target.shape == shape:
                    better = image
                    break
                if better is None and (
                    self._beginnings.depth(image) >= self._beginnings.depth(path)
                ):
                    better = image
            path = better or path
        return path

    def _apply(self, rewriting: Rewriting) -> None:
        for name, path in self._open.items():
            self._open[name] = self._rewritten(path, self._shapes[name], rewriting)

    # ---- candidates

    def _single(self) -> list[Rule]:
        """Rules that make one change, by how many pairs of paths differ by just that."""
        names = {path: name for name, path in self._open.items()}
        ours = representatives({p: self._shapes[n] for p, n in names.items()}, _EACH, _MOST)
        theirs = representatives({p: e.shape for p, e in self._free.items()}, _EACH, _MOST)
        self._sample = [(path, names[path], shape) for path, _, shape in ours]
        self._ours, self._theirs = ours, theirs
        middles: dict[object, set[tuple[Segments, str, str]]] = defaultdict(set)
        for path, plain, shape in ours:
            for begin, end in ranges(len(path)):
                beside = neighbours(path, begin, end)
                middles[plain[:begin], plain[end:], shape].add((path[begin:end], *beside))
        others: dict[object, set[Segments]] = defaultdict(set)
        for path, plain, shape in theirs:
            for begin, end in ranges(len(path)):
                key = (plain[:begin], plain[end:], shape)
                if key in middles:
                    others[key].add(path[begin:end])
        votes: Counter[Rule] = Counter()
        for place, news in others.items():
            olds = middles[place]
            if len(olds) * len(news) <= _TRIED:
                for old, left, right in olds:
                    for new in news:
                        votes.update(rules_between(old, new, left, right))
        return [rule for rule, _ in votes.most_common(_TRIED)]

    def _several(self) -> Iterator[Rewriting]:
        """Several changes at once, learnt from entries whose shape has only one counterpart."""
        ours, theirs = _by_shape(self._ours), _by_shape(self._theirs)
        for shape, paths in ours.items():
            if len(paths) == len(theirs.get(shape, ())) == 1:
                rules = tuple(differences(paths[0], theirs[shape][0]))
                if rules:
                    yield rules


def _by_shape(
    found: Iterable[tuple[Segments, Segments, Shape]],
) -> dict[Shape, list[Segments]]:
    """One path for each kind of path, by shape."""
    kinds: dict[Shape, dict[Segments, Segments]] = defaultdict(dict)
    for path, plain, shape in found:
        kinds[shape].setdefault(plain, path)
    return {shape: list(paths.values()) for shape, paths in kinds.items()}
