"""What other languages write and this one does not, recognised in the line where the parser stops.

Each idiom is a pattern of a line and the line that is right; a pattern holds where the mistake lies
within what it matches. ``\\1`` and the like are filled with what was written.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from declspore.source import Span
from declspore.syntax import numbers

_LONGEST_LINE = 1000
"""In a longer line, which no one writes by hand, some patterns take the square of its length."""


class Idiom(NamedTuple):
    pattern: str
    """Compiled when a text does not parse."""
    help: str


def help_for(span: Span) -> str | None:
    """What to write instead of what is written where the text does not parse."""
    line, column = span.source.line(span.line), span.column - 1
    if len(line) > _LONGEST_LINE:
        return None
    for idiom in IDIOMS:
        for found in re.finditer(idiom.pattern, line):
            if found.start() <= column <= found.end():
                return " ".join(found.expand(idiom.help).split())
    return None


def unit_at_fault(span: Span) -> tuple[Span, str] | None:
    """A word after a number that is not a unit here, at or before a place where the text does not
    parse, and what to write."""
    text = span.source.text
    begin = text.rfind("\n", 0, len(text[: span.start].rstrip())) + 1
    for found in _COUNTED.finditer(text, begin, span.end):
        word, behind = found[2], text[found.end() : span.start].strip()
        if (found.end() < span.start and behind) or word in _WORDS:
            continue
        place = Span(span.source, found.start(2), found.end(2))
        units = f"the units are {', '.join(numbers.UNITS)}"
        meant = numbers.unit(word)
        if meant == "%":
            return place, f"write {found[1]}%"
        if meant != word:
            return place, units if meant is None else f"write {found[1]} {meant}: {units}"
    return None


_COUNTED = re.compile(r"(?<![\w.`\"])([0-9][0-9.]*)[ \t]+([A-Za-z]+)\b(?![ \t]*[.=({])")
_WORDS = frozenset(
    (
        *("and", "or", "not", "in", "if", "then", "else", "when", "where", "exactly", "optional"),
        *("every", "keep", "for", "best", "from", "carry", "is"),
        *("let", "network", "cell", "loss", "param", "dataset", "optimizer"),
        *("train", "eval", "edit"),
    )
)

_OPERAND = r"[\w.]+(?:\([^()]*\)|\[[^\[\]]*\])*"

IDIOMS = (
    # ---- declarations
    Idiom(
        r"\bdef\s+(?:construct|forward|call|__call__)\s*\(\s*(?:self\s*,?\s*)?([^):]*)\).*",
        r"construct(\1: f32[B, ...]) { ... }, with a type for each input",
    ),
    Idiom(
        r"\bdef\s+__init__.*",
        "arguments follow the name: network Name(classes: int = 10) { ... }; cells are named"
        " before `construct`: fc = Dense(4, classes)",
    ),
    Idiom(r"\b(?:def|fn|func|function)\s+(\w+).*", r"cell \1(...) { ... construct(x) = ... }"),
    Idiom(r"\bclass\s+(\w+).*", r"network \1() { ... construct(x: f32[B, ...]) = ... }"),
    Idiom(r"^\s*((?:network|cell)\s+\w+\s*\(.*\))\s*:.*", r"\1 { ... }"),
    Idiom(r"^\s*((?:network|cell|loss)\s+\w+)\s*:.*", r"\1() { ... }"),
    Idiom(r"^\s*(construct\s*\(.*\)[^:=]*):\s*$", r"\1 { ... }"),
    Idiom(r"^\s*super\(\).*", "nothing stands here: a cell has no class"),
    Idiom(r"^\s*@\w+.*", "there are no decorators"),
    Idiom(
        r"^\s*use\s+(?:python\s+)?(\"[^\"]*\.py\")\s*\(([^()]+)\).*",
        r"import \1 (\2), and let it run by --allow-python",
    ),
    Idiom(
        r"^\s*use\s+(?:python\s+)?(\"[^\"]*\.py\").*",
        r"import \1 (Word), with the words you take of it, and let it run by --allow-python",
    ),
    Idiom(r"^\s*from\s+(\"[^\"]+\")\s+import\s+(\w[\w\s,]*)$", r"import \1 (\2)"),
    Idiom(
        r"^\s*import\s+(\"(?:[^\"]*/)?(\w+)[^\"]*\")\s*$",
        r"import \1 as \2, or its names in brackets: import \1 (Name)",
    ),
    Idiom(
        r"^\s*(?:from\s+[\w.]+\s+)?import\s+(?!\")(\w+).*",
        'only specs are imported: import "file.spec" as name; the words of networks need no import',
    ),
    Idiom(
        r"^\s*let\s+(\w+)\s*:\s*\w+\s*=\s*(.+)",
        r"a value has no type: let \1 = \2",
    ),
    Idiom(r"^\s*param\s+(\w+)\s*=\s*(\d+)\s*$", r"param \1: int = \2"),
    Idiom(r"^\s*param\s+(\w+)\s*=\s*(\d[\d.e+-]*)\s*$", r"param \1: float = \2"),
    Idiom(r"^\s*param\s+(\w+)\s*=\s*(\".*)$", r"param \1: str = \2"),
    Idiom(r"^\s*param\s+(\w+)\s*=\s*(true|false)\s*$", r"param \1: bool = \2"),
    Idiom(r"^\s*(in|out)put\s+(\w+)\s*=\s*(.+)", r"\1 \2 = \3"),
    Idiom(r"^\s*(network|cell|loss)\s+(\w+)\s*\{", r"\1 \2() {"),
    Idiom(
        r"^(\s*)(?:const|var|val|auto)\s+(\w+)\s*=\s*(.+)",
        r"let \2 = \3",
    ),
    Idiom(
        r"^\s+let\s+(\w+)\s*(?::\s*\w+\s*)?=\s*(.+)",
        r"in `construct` without `let`: \1 = \2; a number of a cell is a formal with a default:"
        r" cell Name(\1: int = \2)",
    ),
    Idiom(
        r"\b(\w+\s*:\s*\w+\[)(?:\?|-1|None)(?=[,\]])",
        r"a free size is a name, such as B: \1B, ...]",
    ),
    Idiom(r"^\s*self\.(\w+)\s*=\s*(.+)", r"\1 = \2"),
    Idiom(r"\bself\.(\w+)", r"\1, without `self.`"),
    # ---- statements
    Idiom(
        r"^\s*save\s+([\w./{}-]+)\s+(every|best)\b(.*)",
        r'save "\1" \2\3',
    ),
    Idiom(
        r"\b(\w+)\s*\[\s*\"([^\"]+)\"\s*\]",
        r"\1.`\2`",
    ),
    Idiom(r"(?<![\w.])(\w+)\.\*(?=\s|$)", r"\1.`**`"),
    Idiom(r"(?<![\w.])(\w+)\.((?:\w+\.)*\*+)(?=\s|$)", r"\1.`\2`"),
    Idiom(r"\b(\d+)[kK]\s+(steps?|epochs?)\b", r"\g<1>000 \2"),
    Idiom(
        r"^\s*(\w+)\s*\[[^\[\]]*\]\s*=(?!=)\s*.+",
        r"a tensor is never changed: \1 = where(...), masked_fill(\1, ...) or concat([...])",
    ),
    Idiom(r"\b((?:bool|[fiu]\d+|bf16))\(([^()]*)\)(?=\s*[,)=-])", r"\1[\2]"),
    Idiom(r"^(\s+\w+\s*=.*\)),\s*$", "statements need no separator: write one a line"),
    Idiom(
        r"\b(\w+)\s*,\s*\(\s*(\w+\s*(?:,\s*\w+\s*)*)\)\s*=\s*(.+)",
        r"names stand without brackets: \1, \2 = \3",
    ),
    Idiom(r"^\s*\(\s*(\w+\s*(?:,\s*\w+\s*)+)\)\s*=\s*(.+)", r"without brackets: \1 = \2"),
    Idiom(r"\b([\w.]+)\s*(\+|-|\*\*|\*|//|/|%|@)=\s*(.+)", r"\1 = \1 \2 \3"),
    Idiom(r"\b(\w+)\s*(\+|-)\2", r"\1 = \1 \2 1"),
    Idiom(r"^\s*(\w+)\s*==\s*(.+)", r"\1 = \2"),
    Idiom(r"\b(\w+)\s*:=\s*(.+)", r"\1 = \2"),
    Idiom(
        r"\[\s*([^\[\]]+?)\s+for\s+(\w+)\s+in\s+range\(\s*([^(),]+)\s*\)\s*\]?",
        r"[for \2 in 0 ..< \3 { \1 }]",
    ),
    Idiom(
        r"\[\s*([^\[\]]+?)\s+for\s+(\w+)\s+in\s+([^\s\[\]]+|\[[^\[\]]*\])\s*\]?",
        r"[for \2 in \3 { \1 }]",
    ),
    Idiom(r"\bwhile\b.*", "a loop runs over a list: for i in 0 ..< 10 { ... }"),
    Idiom(r"\bfor\s+(\w+)\s+in\s+range\(\s*([^,()]+)\s*\)\s*:?", r"for \1 in 0 ..< \2 { ... }"),
    Idiom(
        r"\bfor\s+(\w+)\s+in\s+range\(\s*([^,()]+)\s*,\s*([^,()]+)\s*\)\s*:?",
        r"for \1 in \2 ..< \3 { ... }",
    ),
    Idiom(
        r"\bfor\s+(\w+)\s*,\s*(\w+)\s+in\s+(?:enumerate|zip)?\(?([^(){}:]+)\)?\s*:?\s*$",
        r"for [\1, \2] in [[...], [...]] { ... }",
    ),
    Idiom(r"\bfor\s+(\w+)\s*,\s*(\w+)\s+in\s+([^{]+)\{?", r"for [\1, \2] in \3 { ... }"),
    Idiom(r"\bfor\s+(\w+)\s+in\s+([^{}:]+):\s*$", r"for \1 in \2 { ... }"),
    Idiom(r"\bfor\s*\(.*", "for i in 0 ..< 10 { ... }"),
    Idiom(r"\belif\b.*|\belse\s+if\b(?!.*\bthen\b).*", "if a then x else if b then y else z"),
    Idiom(
        rf"({_OPERAND})\s+if\s+(.+?)\s+else\s+([^,\])}}]+)",
        r"if \2 then \1 else \3",
    ),
    Idiom(
        rf"({_OPERAND}(?:\s*(?:[<>]=?|[=!]=)\s*{_OPERAND})?)\s*\?\s*([^:,]+?)\s*:\s*([^,)\]]+)",
        r"if \1 then \2 else \3",
    ),
    Idiom(
        r"^\s*if\s+(?!.*\bthen\b)(.+?)\s*[{:].*",
        r"a value is chosen: y = if \1 then a else b; a cell may be absent: name = Word(...)"
        r" when \1; rules of an edit: when \1 { ... }",
    ),
    Idiom(r"^\s*(?:pass|continue|break)\b.*", "nothing stands here"),
    Idiom(r"^\s*(?:print|assert)\b.*", "a spec prints nothing; `ensure` states what must hold"),
    Idiom(
        r"\bmap\(\s*lambda\s+(\w+)\s*:\s*([^()]*(?:\([^()]*\)[^()]*)*)\).*",
        r"each column has its expression: map(\1 = \2)",
    ),
    Idiom(r"\breturn\s*\(([^()]*,[^()]*)\)", r"return \1"),
    Idiom(r"\blambda\s+(\w+)\s*:\s*(.*)", r"cell Name() { construct(\1) = \2 }"),
    Idiom(r"^\s*return\b.+", "a construct returns once, at its end: return first, second"),
    # ---- signs
    Idiom(r"^\s*//\s*(.*)", r"a comment begins with a hash: # \1"),
    Idiom(r"\s//\s*([A-Za-z].*\s.*)", r"a comment begins with a hash: # \1"),
    Idiom(r"/\*\s*(.*?)\s*(?:\*/|$)", r"a comment begins with a hash: # \1"),
    Idiom(r"^\s*--\s*(.*)", r"a comment begins with a hash: # \1"),
    Idiom(r'""".*', "a comment begins with a hash on every line: # ..."),
    Idiom(r"(?:\)|^)\s*\|(?![|>])\s*(\w+)\(.*", r"a step flows from `|>`: |> \1(...)"),
    Idiom(rf"({_OPERAND})\s*\|\|\s*({_OPERAND})", r"\1 or \2"),
    Idiom(rf"({_OPERAND})\s*&&\s*({_OPERAND})", r"\1 and \2"),
    Idiom(rf"({_OPERAND})\s*\|(?!>)\s*({_OPERAND})", r"\1 or \2"),
    Idiom(rf"({_OPERAND})\s*&\s*({_OPERAND})", r"\1 and \2"),
    Idiom(rf"!\s*({_OPERAND})", r"not \1"),
    Idiom(rf"~\s*({_OPERAND})", r"not \1; of a tensor logical_not(\1)"),
    Idiom(rf"({_OPERAND})\s*\^\s*({_OPERAND})", r"\1 ** \2"),
    Idiom(rf"({_OPERAND})\s*(=|!)==\s*({_OPERAND})", r"\1 \2= \3"),
    Idiom(rf"({_OPERAND})\s*<>\s*({_OPERAND})", r"\1 != \2"),
    Idiom(rf"({_OPERAND})\s+is\s+not\s+({_OPERAND})", r"\1 != \2"),
    Idiom(rf"({_OPERAND})\s+is\s+({_OPERAND})", r"\1 == \2"),
    Idiom(r"=>", "`->` becomes or returns"),
    Idiom(r"(`[^`]+`)\s+(?:to|as|into|with)\s+(`[^`]+`)", r"\1 -> \2"),
    Idiom(r"\b[fr]?[fr](\"[^\"]*\")", r"strings are filled without a letter in front: \1"),
    Idiom(r"\*\*?(?:kwargs|args|\w+)\s*[,)]", "arguments are named one by one"),
    Idiom(r"\{\s*(\"?\w+\"?)\s*:\s*([^,}]+).*", r"a table is a list of lists: [[\1, \2]]"),
    Idiom(r"(?<![\w\])`])\(\s*([^()]+,[^()]*)\)", r"a list stands between square brackets: [\1]"),
    Idiom(r"^(\s*)(in|out|use)\s*=\s*(.+)", r"a file has a name: \2 src = \3"),
    Idiom(r";", "statements need no separator: write one a line"),
    Idiom(r"(?<=[(,])\s*(\w+)\s*:\s*([^,():]+)(?=[,)])", r"\1 = \2"),
    Idiom(
        r"^\s+(?!(?:return|for|when|ensure|rest|use|in|out|save|log|construct)\b)([a-z_]\w*\([^{}]*\))\s*$",
        r"a result is named or returned: y = \1, or return \1",
    ),
)
"""Every idiom; the first that holds is the answer."""
