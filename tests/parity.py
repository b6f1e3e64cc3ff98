"""The parity ledger: the worst error of every word against MindSpore, and the page made of it.

A test compares through the fixture ``parity``; ``pytest --parity`` writes docs/parity.md from what
a whole run compared. tests/registry/test_parity.py holds the page against the vocabulary.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import closeness

PAGE = Path(__file__).parents[1] / "docs" / "parity.md"
_HEAD = """\
# Parity with MindSpore

Written by `pytest --parity --long`: every word of the vocabulary that has numbers, and networks of
the library, compared with
MindSpore 2.10 on its CPU (golden data in tests/golden), and the worst error seen for each quantity,
relative to the largest expected value. The tests hold forward results, gradients and trajectories
to 1e-5 where no deviation says otherwise; ten steps of a whole network to 1e-4.

"""
WITHOUT_NUMBERS = {
    "answer": "tests/tasks/predict",
    "source": "tests/data, tests/run",
    "column": "tests/run",
    "feeding": "tests/run",
    "transform": "tests/data, those that compute against MindSpore's images (above)",
    "file": "tests/checkpoint",
    "policy": "tests/policies, those that MindSpore has against its trajectories",
    "tensor": "tests/plan",
    "query": "tests/plan",
}
"""Families of which MindSpore has no numbers to compare, and where they are tested."""
_TITLES = {
    "cell": "Cells",
    "container": "Containers",
    "op": "Ops",
    "loss": "Losses",
    "metric": "Metrics",
    "initializer": "Initializers",
    "optimizer": "Optimizers",
    "group": "Groups of parameters",
    "schedule": "Schedules",
    "rates": "Lists of rates",
    "transform": "Transforms of datasets",
    "network": "Networks: outputs",
    "training": "Networks: ten steps of training and the checkpoint after them",
    "rounding": "Networks: where rounding leads",
}
NETWORKS = ("network", "training", "rounding")
"""Families that are not words of the vocabulary."""
_ABOUT = {
    "network": "In eval, with the same parameters on both sides.",
    "training": """\
Both sides start from the same values, take the same ten batches and save a checkpoint of network
and optimizer. Its entries have the same names, shapes and order; of each entry its largest value
and four others are compared, relative to the largest (or to 0.01 where that is less). Rates of
Dropout and of stochastic depth are 0 on both sides: what is dropped cannot be made equal. Batch
norms (or biases) that are *lifted* shift by so much more than by the normal numbers all parameters
start at, so that hardly anything enters a rectifier within rounding of its kink (see below). Those
that are *lowered* shift what a max pool takes: hardly any window has two numbers above zero then,
and none two within rounding of each other, between which the gradient's way would part. The row
of ResNet18 fails where momentum or epsilon of its batch norms, their unbiased moving variance, or
what its weight decay applies to is changed.""",
    "rounding": """\
ResNet18 without its lift; MobileNetV3Large without one, since its hard swishes have kinks on both
sides; and Inception-V3 with one, since it has too many pools and rectified numbers. In millions of
numbers some lie within rounding of a kink; there two correct trainings in float32 part, and the
next steps multiply what they differ by. Names, shapes and order are the same.
Errors below are from declspore in float64 (MindSpore's CPU convolves and normalises in float32
alone), of the losses and of the worst entry of the checkpoint. MindSpore is no farther from it than
declspore in float32 is: what parts the two is rounding, not a formula.""",
}


@dataclass
class _Entry:
    variants: list[str] = field(default_factory=list)
    worst: dict[str, float] = field(default_factory=dict)
    deviations: list[str] = field(default_factory=list)


@dataclass
class Ledger:
    """What was compared so far, by family and word."""

    entries: dict[tuple[str, str], _Entry] = field(default_factory=lambda: defaultdict(_Entry))

    def close(
        self,
        word: tuple[str, str],
        variant: str,
        quantity: str,
        found: Any,
        expected: Any,
        limit: float = 1e-5,
    ) -> None:
        """Assert that a quantity (forward, input gradient, trajectory, ...) of a variant of
        ``(family, word)`` agrees within ``limit`` relative to the largest expected value."""
        error = closeness(found, expected)
        self.measured(word, variant, quantity, error)
        assert error < limit, f"{word[1]} {variant}, {quantity}: {error:.2e}, limit {limit:.0e}"

    def measured(self, word: tuple[str, str], variant: str, quantity: str, error: float) -> None:
        """Remember an error."""
        entry = self.entries[word]
        if variant not in entry.variants:
            entry.variants.append(variant)
        entry.worst[quantity] = max(error, entry.worst.get(quantity, 0.0))

    def deviation(self, word: tuple[str, str], text: str) -> None:
        """Note where declspore deliberately differs from what MindSpore's CPU does."""
        deviations = self.entries[word].deviations
        if text not in deviations:
            deviations.append(text)

    def page(self, before: str = "") -> str:
        """The page; rows of words that were not compared now are kept from the one before."""
        found = {**rows(before), **{key: _row(entry) for key, entry in self.entries.items()}}
        parts = [_HEAD]
        for family, title in _TITLES.items():
            about = f"{_ABOUT[family]}\n\n" if family in _ABOUT else ""
            parts.append(f"\n## {title}\n\n{about}| word | variants | worst errors | deviations |")
            parts.append("|---|---|---|---|")
            parts += [row.line(word) for (of, word), row in sorted(found.items()) if of == family]
        parts.append(_rest())
        return "\n".join(parts) + "\n"


def _rest() -> str:
    lines = ["\n## Families without numbers of MindSpore's\n"]
    lines += [f"* {family}: tested in {tests}" for family, tests in WITHOUT_NUMBERS.items()]
    return "\n".join(lines)


@dataclass(frozen=True)
class Row:
    """A row of the page."""

    variants: tuple[str, ...]
    worst: str
    deviations: str

    def line(self, word: str) -> str:
        variants = "<br>".join(f"`{variant}`" for variant in self.variants)
        return f"| `{word}` | {variants} | {self.worst} | {self.deviations} |"


def _row(entry: _Entry) -> Row:
    worst = ", ".join(f"{what} {error:.0e}" for what, error in sorted(entry.worst.items()))
    return Row(tuple(sorted(entry.variants)), worst, " ".join(entry.deviations))


def rows(page: str) -> dict[tuple[str, str], Row]:
    """The rows of a page by family and word."""
    families = {title: family for family, title in _TITLES.items()}
    found, family = {}, ""
    for line in page.splitlines():
        if line.startswith("## "):
            family = families.get(line[3:], "")
        elif line.startswith("| `"):
            word, variants, worst, deviations = (part.strip() for part in line[1:-1].split(" | "))
            listed = tuple(variant.strip("`") for variant in variants.split("<br>"))
            found[family, word.strip("`")] = Row(listed, worst, deviations)
    return found
