"""Where files lie: the grammar and library of specs that travel with the package, and the cache."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).parent


def grammar_folder() -> Path:
    """The folder of ``.lark`` files."""
    return _shipped("grammar")


def specs_folder() -> Path:
    """The folder of library specs that ``import`` falls back to."""
    return _shipped("specs")


def spec_path(path: str) -> Path:
    """The file that a path of a spec means: a shipped spec where the file does not exist and the
    path is a bare name (``lenet.spec``)."""
    file = Path(path)
    shipped = specs_folder() / file
    bare = file.name == path and file.suffix == ".spec"
    return shipped if bare and not file.exists() and shipped.is_file() else file


def errors_folder() -> Path:
    """The folder of pages that explain diagnostics, one a code."""
    return _shipped("errors", "docs")


def language_page() -> Path:
    """The page that describes the language."""
    return _shipped("language.md", "docs")


def porting_page() -> Path:
    """The page on porting networks, with the words of other libraries."""
    return _shipped("porting.md", "docs")


def cache_folder() -> Path | None:
    """A folder of the user's own for what can be made again; None where there can be none."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        folder = Path(base) / "declspore"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder


def _shipped(name: str, folder: str = "") -> Path:
    """Inside the installed package, or next to it in a checkout."""
    inside = _PACKAGE / f"_{name}"
    return inside if inside.exists() else _PACKAGE.parent / folder / name
