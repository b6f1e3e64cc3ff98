"""Where the files that travel with the package lie: the grammar and the library of specs."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def grammar_folder() -> Path:
    """The folder of ``.lark`` files."""
    return _shipped("grammar")


def specs_folder() -> Path:
    """The folder of library specs that ``import`` falls back to."""
    return _shipped("specs")


def _shipped(name: str) -> Path:
    """Inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / f"_{name}"
    return inside if inside.is_dir() else _PACKAGE.parent / name
