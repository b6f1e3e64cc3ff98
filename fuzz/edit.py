"""Random recipes over small files: planned, computed, and never anything but a Diagnostic.

    python -m fuzz.edit [--seconds 3600] [--seed 0]

The seconds are those of a processor. Prints how many recipes were planned and how many of them gave
values; a failure is printed with its recipe, and ends with exit code 1, as do a recipe that takes
ten seconds and a process that takes a gigabyte.
"""

from __future__ import annotations

import argparse
import random
import sys
import traceback

import numpy as np

from declspore.check.check import check
from declspore.ir.dtype import BFLOAT16, FLOAT16, FLOAT32, INT32, DType
from declspore.ir.formula import EntryValue
from declspore.ir.header import TEXT, Header, HeaderEntry
from declspore.numerics.casting import Unfit
from declspore.numerics.computed import compute
from declspore.registry.kind import Misfit
from declspore.report import DiagnosticError, Sink
from declspore.source import Source
from declspore.tasks.edit.decide import EditPlan, plan_edit
from declspore.tasks.edit.task import EditTask
from fuzz import watch

_ROOM = 1 << 30

SHAPES: dict[str, tuple[DType, tuple[int, ...]]] = {
    **{f"l.{i}.{n}": (FLOAT32, (4, 6)) for i in (0, 1) for n in "qk"},
    **{f"moments.l.{i}.{n}": (FLOAT32, (4, 6)) for i in (0, 1) for n in "qk"},
    "step": (INT32, (1,)),
    "lr": (FLOAT32, ()),
    "h": (FLOAT16, (2, 3)),
    "z": (FLOAT32, (0, 3)),
    "a{b}": (FLOAT32, (2,)),
    "é*": (BFLOAT16, (2,)),
}
ENTRIES = [HeaderEntry.of(name, *type) for name, type in SHAPES.items()]
HEADER = Header.of("in", [*ENTRIES, HeaderEntry("note", TEXT, (), 20)])
VALUES = {
    name: np.random.default_rng(0).normal(size=shape).astype(dtype.as_numpy())
    for name, (dtype, shape) in SHAPES.items()
}
PATTERNS = (
    *("`l.{i:int}.q`", "`l.{i}.{n}`", "`**`", "`*`", "`step`", "`note`", "`h`", "`z`", "`l.0.q`"),
    *("`{m**}.k`", "`nothing`", 're"l.*"', 're"(?P<i>l)(.*)"', "`lr`", "`moments.**`", "`é*`"),
)
TARGETS = ("`x.{i}`", "`x`", "`{m}.y`", "`l.{i + 1}.q`", "`x.{part}`", "`l.0.q`", "`{n}`")
FORMS = (
    *("transpose({x}, [1, 0])", "reshape({x}, [-1])", "{x}[:, 1:]", "{x}[0]", "{x}[::-1]"),
    *("sum({x}, axis = {a})", "mean({x})", "concat([{x}, {x}], axis = {a})", "stack([{x}, {y}])"),
    *("chunk({x}, 2, axis = {a})[0]", "{x} * 2", "{x} / 3", "-{x}", "1 - {x}", "{x} + {y}"),
    *("{x} ** 2", "exp({x})", "abs({x})", "{x} // 2", "{x} % 2", "sign({x})", "cast({x}, {t})"),
    *("where({x} > 0, {x}, 0)", "clamp({x}, 0, 1)", "average([{x}, {y}])", "same([{x}, {y}])"),
    *('resize({x}, [3], axes = [{a}], mode = "cubic")', "tile({x}, [2, 1])", "pad({x}, [1, 0])"),
    *("place({x}, [9, 9])", "flip({x}, axis = {a})", "{x} @ transpose({y}, [1, 0])", "std({x})"),
    *("amax({x}, axis = {a})", "squeeze({x})", "swapaxes({x}, 0, 1)", "roll({x}, 1, {a})"),
    *("gather({x}, tensor([0, 1]), {a})", "all({x} > 0)", "unstack({x}, {a})[0]", "dtype({x})"),
    *("normal([4, 6], std = 2, seed = 1) + {x}", "[{x}, {y}]", "shape({x})", "{x}.`l.0.q`"),
)
VERBS = ("delete", "keep", "rename", "copy", "add", "set", "join", "split")
LEAVES = ("it", "them", "0", "-1", "0.5", "none", "i", "src", "src.`l.0.q`", "src.`l.{i}.k`")


class Writer:
    """Writes recipes."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def spec(self) -> str:
        rules = "\n".join(self._rule() for _ in range(self._random.randint(1, 3)))
        rest = self._random.choice(("keep", "delete", "error"))
        return (
            'spec 1\nedit e {\n  in src = ckpt("a")\n  in b = [ckpt("b"), ckpt("c")]\n'
            f'  use old = ckpt("d")\n  out dst = ckpt("o")\n{rules}\n'
            f"delete b.`**` optional\nrest {rest}\n}}\n"
            "network Net() {\n  fc = Dense(6, 4)\n  construct(x: f32[B, 6]) = x |> fc\n}\n"
        )

    def _expression(self, depth: int) -> str:
        if depth <= 0:
            return "it" if self._random.random() < 0.7 else self._random.choice(LEAVES)
        form = self._random.choice(FORMS)
        types = ["f16", "bf16", "f32", "f64", "i32", "i8", "bool", "u8"]
        return "({})".format(
            form.replace("{x}", self._expression(depth - 1))
            .replace("{y}", self._expression(depth - 1))
            .replace("{a}", self._random.choice(("0", "1", "-1")))
            .replace("{t}", self._random.choice(types))
        )

    def _rule(self) -> str:
        chance = self._random.random
        if chance() < 0.1:
            return f"when {self._expression(1)} {{\n{self._rule()}\n}}"
        if chance() < 0.1:
            return f"for i in 0 ..< 2 {{\n{self._rule()}\n}}"
        if chance() < 0.5:
            pattern = self._random.choice(PATTERNS)
            return f"set src.{pattern} = {self._expression(self._random.randint(1, 3))}"
        verb = self._random.choice(VERBS)
        sources = ("", "dst.") if verb == "add" else ("src.", "", "b.", "old.")
        operands = (
            self._random.choice(sources) + self._random.choice(PATTERNS)
            for _ in range(self._random.choice((1, 1, 2)))
        )
        rule = f"{verb} {', '.join(operands)}"
        if chance() < 0.2:
            rule += f" where {self._expression(1)}"
        if verb in ("rename", "copy", "join", "split"):
            rule += f" -> {', '.join(self._random.sample(TARGETS, self._random.choice((1, 2))))}"
        if verb in ("set", "copy", "join", "split", "add") and chance() < 0.9:
            rule += f" = {self._expression(2)}"
        return rule + self._random.choice(("", "", " from Net()", " optional", " exactly 2"))


def planned(text: str) -> EditPlan | None:
    """The plan of a recipe, or None where it has none; every value of it is computed."""
    try:
        task = check(Source("fuzz", text)).tasks["e"]
    except DiagnosticError:
        return None
    assert isinstance(task, EditTask)
    plan = plan_edit(task, {"src": HEADER, "b": (HEADER, HEADER), "old": HEADER}, Sink())
    for formula in () if plan is None else plan.formulas:
        try:
            found = compute(formula, _read)
        except (Misfit, Unfit):
            continue
        expected = (formula.type.dtype.as_numpy(), tuple(formula.type.shape))
        assert (found.dtype, found.shape) == expected, (found.dtype, found.shape, expected)
    return plan


def _read(value: EntryValue) -> object:
    return VALUES[value.name]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    writer, budget = Writer(options.seed), watch.Budget(options.seconds)
    watch.limit_memory(_ROOM)
    recipes = plans = 0
    with watch.watching():
        while budget.is_left:
            text = writer.spec()
            recipes += 1
            watch.begin()
            try:
                with np.errstate(all="ignore"):
                    plans += planned(text) is not None
            except Exception:
                print(text)
                traceback.print_exc()
                return 1
            watch.end()
    print(f"edit: {recipes:,} recipes, {plans:,} of them planned and computed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
