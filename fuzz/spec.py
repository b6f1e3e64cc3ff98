"""Texts into checked specs: whatever a text says, it is checked, or diagnostics say why not.

    python -m fuzz.spec [--count 20000] [--seconds 3600] [--seed 0]

Texts are made of good specs by deleting, repeating, swapping and replacing words, and by putting
in hostile ones: huge numbers, long loops, deep nesting. Any exception but DiagnosticError ends the
run, as does a text that takes ten seconds of the processor or wants more than a gigabyte. What does
not parse is read and checked as far as it does. What parses is formatted, too: that must parse
again and be idle the second time. The text at fault is kept.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import resource
from collections import Counter
from pathlib import Path

from declspore.check.check import check
from declspore.deep import deeply
from declspore.registry.table import verbs, vocabulary
from declspore.report import DiagnosticError
from declspore.source import Source
from declspore.syntax.dump import tree_json
from declspore.syntax.format import format_text
from declspore.syntax.parse import parse, parse_partly
from fuzz import watch

ROOT = Path(__file__).parents[1]
_ROOM = 1 << 30
_LONGEST = 6_000
_WORD = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|#[^\n]*|\w+|\s+|[^\w\s]')
_HOSTILE = (
    *("99999999999999999999", "0", "-1", "1e308", "1e999", "0x7fffffffffffffff", "2 ** 9999"),
    *("[for a in 0 ..< 99999, b in 0 ..< 99999 { [a, b] }]", "for i in 0 ..< 999999 {"),
    *("(" * 400, "[" * 400, "not " * 400, "-" * 400, "{", "}", "if", "then", "else", "carry"),
    *("`**`", "`a{b:int}.{c**}`", 're"(a+)+b"', '"\\u0000"', "10 epochs", "98%", "none", "\u202e"),
    *("x[::0]", "x[99]", "1 / 0", "1 // 0", "1 % 0", "0 ** -1", "'a'", "@", ";", "|>", "->", ".."),
    "[[[[[[[[1] * 9] * 9] * 9] * 9] * 9] * 9] * 9]",
    "zeros([999999, 999999, 999999])",
    "Dense(999999999999, 999999999999)",
    "Conv2d(3, 8, 999999999)",
    "broadcast_to(x, [999999999, 999999999])",
)


def seeds() -> list[str]:
    """The library, the examples, the wrong specs of the tests, and the pages' examples."""
    files = [*(ROOT / "specs").glob("*.spec"), *(ROOT / "examples").rglob("*.spec")]
    files += (ROOT / "tests" / "errors").glob("*.spec")
    texts = [path.read_text() for path in sorted(files)]
    for page in sorted((ROOT / "docs").rglob("*.md")):
        texts += re.findall(r"^```spec[^\n]*\n(.*?)^```$", page.read_text(), re.M | re.S)
    return [text for text in texts if len(text) < _LONGEST]


def mutated(rng: random.Random, texts: list[str], words: list[str]) -> str:
    """A good text with a few changes, most of which keep it a text of the language."""
    parts = _WORD.findall(rng.choice(texts))
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        if rng.random() < 0.8:
            _exchange(rng, parts, words)
            continue
        at = rng.randrange(len(parts) + 1)
        until = min(at + rng.choice((1, 1, 2, 5, 40)), len(parts))
        match rng.randrange(7):
            case 0:
                del parts[at:until]
            case 1:
                parts[at:at] = parts[at:until] * rng.choice((1, 2, 60))
            case 2:
                parts[at:until] = [rng.choice(words)]
            case 3:
                parts[at:at] = [f" {rng.choice(_HOSTILE)} "]
            case 4:
                parts[at:until] = [f" {rng.choice(_HOSTILE)} "]
            case 5:
                other = _WORD.findall(rng.choice(texts))
                start = rng.randrange(len(other) + 1)
                parts[at:until] = other[start : start + rng.choice((1, 3, 30))]
            case _:
                rest = parts[at:until]
                rng.shuffle(rest)
                parts[at:until] = rest
    return "".join(parts)


def _exchange(rng: random.Random, parts: list[str], words: list[str]) -> None:
    """One name, number, text or path for another of its kind."""
    if not parts:
        return
    at = rng.randrange(len(parts))
    kinds = (r"[A-Za-z_]\w*$", r"\d", r'"', r"`", r"[-+*/%@<>]$")
    kind = next((kind for kind in kinds if re.match(kind, parts[at])), None)
    if kind is None or parts[at] == "spec":
        return
    others = [part for part in parts if re.match(kind, part)]
    if kind == r"\d":
        others += ["0", "1", "2", "7", "4096", "99999999", "0.5", "1e300", "(0 - 3)"]
    if kind.startswith("[A-Z"):
        others += words
    parts[at] = rng.choice(others)


def run(text: str) -> str:
    """What became of a text: ``ok`` or the first code."""
    source = Source("fuzz", text, ROOT / "specs" / "fuzz.spec")
    found = parse_partly(source)
    deeply(lambda: json.dumps(tree_json(found.spec, found.diagnostics)))
    if found.diagnostics:
        return checked(source)
    formatted = format_text(text)
    parse(Source("formatted", formatted))
    if format_text(formatted) != formatted:
        raise AssertionError("a second pass of the formatter changes the text")
    return checked(source)


def checked(source: Source) -> str:
    """``ok`` or the first code of an error; what is damaged must have one."""
    try:
        check(source)
    except DiagnosticError as error:
        str(error)
        return next(found.code for found in error.diagnostics if not found.warning)
    return "ok"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    texts, words = seeds(), [*vocabulary().words(), *verbs().words()]
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    watch.limit_memory(4 * _ROOM)
    found: Counter[str] = Counter()
    budget, texts_left = watch.Budget(given.seconds), given.count
    with watch.watching():
        while budget.is_left and texts_left:
            text = mutated(rng, texts, words)
            texts_left -= 1
            watch.begin()
            try:
                found[run(text)] += 1
                grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - used
                if grown > _ROOM:
                    raise MemoryError(f"{grown >> 20} MiB")
            except BaseException:
                Path("fuzz-failure.spec").write_text(text)
                number = given.count - texts_left
                print(f"text {number} of seed {given.seed} fails; kept as fuzz-failure.spec")
                raise
            watch.end()
    print(f"spec: {found.total():,} texts, none fails: {dict(found.most_common(12))}")


if __name__ == "__main__":
    main()
