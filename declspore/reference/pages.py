"""The reference as Markdown and as text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from declspore.reference.words import TITLES, Word
from declspore.registry.table import families
from declspore.text import table

_HEAD = """# The words of the language

Made by `declspore docs --markdown` from the vocabulary itself. Names, order of arguments and
defaults are those of MindSpore 2.x where MindSpore has the word. The language that surrounds them
is described in [language.md](language.md); how near each word is to MindSpore, measured, in
[parity.md](parity.md).
"""


def markdown(words: Iterable[Word]) -> str:
    """All words as one page."""
    parts = [_HEAD]
    for family, found in groupby(words, key=lambda word: word.family):
        listed = list(found)
        parts.append(f"## {TITLES[family]}\n")
        if family == "statement":
            parts += [f"{note}\n" for note in dict.fromkeys(n for w in listed for n in w.notes)]
            continue
        links = ", ".join(f"[{word.name}](#{family}-{word.name.lower()})" for word in listed)
        parts.append(f"{links}\n")
        parts += [_section(word) for word in listed]
    return "\n".join(parts)


def _section(word: Word) -> str:
    lines = [f'### <a id="{word.family}-{word.name.lower()}"></a>{word.name}', ""]
    lines += [word.summary, "", "```", word.usage, "```", ""]
    if word.arguments:
        lines += ["| argument | | default | |", "|---|---|---|---|"]
        for row in word.arguments:
            name, type, default, help = (cell.replace("|", "\\|") for cell in row)
            shown = f"`{default}`" if default else ""
            lines.append(f"| `{name}` | {type} | {shown} | {help} |")
        lines.append("")
    lines += [f"Example: `{word.example}`" if "`" not in word.example else "", ""]
    if "`" in word.example and word.example != word.usage:
        lines[-2:] = ["Example:", "", "```", word.example, "```", ""]
    if word.parameters:
        named = ", ".join(f"`{p.name}` {p.type}" for p in word.parameters)
        (keeps,) = (family.keeps for family in families() if family.family == word.family)
        lines += [f"{keeps}: {named}", ""]
    lines += [line for note in word.notes for line in (note, "")]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.rstrip() + "\n"


def plain(word: Word) -> str:
    """One word for the terminal; of a word of the grammar, the section that is about it."""
    if word.family == "statement":
        return "\n\n".join((f"{word.name} ({word.summary})", *word.notes))
    lines = [f"{word.name} ({word.family})", "", f"  {word.usage}", "", word.summary]
    lines += [""] if word.arguments else []
    rows = [
        (name, type + (f"; {default}" if default else "") + (f" - {help}" if help else ""))
        for name, type, default, help in word.arguments
    ]
    lines += [f"  {line}" for line in table(rows)]
    if "\n" in word.example:
        lines += ["", "example:", "", word.example]
    elif word.example != word.usage:
        lines += ["", f"example: {word.example}"]
    if word.parameters:
        lines += ["", *(f"  {line}" for line in table([(p.name, p.type) for p in word.parameters]))]
    return "\n".join([*lines, *(f"\n{note}" for note in word.notes)])


def overview(words: Iterable[Word]) -> str:
    """Every family with its words."""
    lines = []
    for family, found in groupby(words, key=lambda word: word.family):
        names = dict.fromkeys(word.name for word in found)
        lines += [TITLES[family].replace("`", ""), "  " + ", ".join(names), ""]
    return "\n".join(lines).rstrip()
