"""The words of the grammar: what docs/language.md says of them. There a comment below a heading
names the words that the section is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from declspore.reference.words import Word
from declspore.resources import language_page

_SECTION = re.compile(
    r"^##+ ([^\n]+)\n\n<!-- words: ([^\n]+) -->\n\n(.*?)(?=^##+ |\Z)", re.M | re.S
)
_BLOCK = re.compile(r"^```spec\n(.*?)^```$", re.M | re.S)


def statements() -> Iterator[Word]:
    """Every word of the grammar and attribute of tasks, once for each section that is about it."""
    for title, names, text in _SECTION.findall(language_page().read_text(encoding="utf-8")):
        for name in names.split():
            yield _statement(name, title, text.strip())


def _statement(name: str, title: str, text: str) -> Word:
    blocks = _BLOCK.findall(text)
    used = re.compile(rf"^.*\b{name}\b.*$", re.M)
    example = next((block for block in blocks if used.search(block)), blocks[0]).rstrip()
    line = used.search(example)
    usage = line[0].strip() if line else name
    return Word("statement", name, usage, title, example, (), notes=(text,))
