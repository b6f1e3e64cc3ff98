"""The files of Python behind a function that a spec calls, found without running any of them."""

from __future__ import annotations

import os
import site
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec

from declspore.matching import TooMany, matching
from declspore.same_file import inside


def module_files(module: str) -> Iterator[tuple[str, str]]:
    """Each by its name in the package, and its path: of a package of one's own all of its modules;
    of an installed one, which its version stands for, the package and the module itself."""
    package, *below = module.split(".")
    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        return
    if found is None or not found.has_location or found.origin is None:
        return
    yield "", found.origin
    folders = list(found.submodule_search_locations or ())
    for folder in folders:
        if _is_installed(folder):
            yield from _itself(folder, below)
        else:
            yield from _all(folder, found.origin)


def _is_installed(folder: str) -> bool:
    paths = sysconfig.get_paths()
    places = {*site.getsitepackages(), *(paths[name] for name in ("purelib", "platlib", "stdlib"))}
    return any(inside(place, folder) for place in places)


def _itself(folder: str, below: list[str]) -> Iterator[tuple[str, str]]:
    name = os.path.join(*below) if below else ""
    for path in (f"{name}.py", os.path.join(name, "__init__.py")):
        if below and os.path.isfile(os.path.join(folder, path)):
            yield path, os.path.join(folder, path)


def _all(folder: str, origin: str) -> Iterator[tuple[str, str]]:
    try:
        paths = matching(f"{folder}/**/*.py")
    except TooMany:
        return  # a folder of many other things, such as all of a home
    for path in paths:
        if path != origin and os.path.isfile(path):
            yield os.path.relpath(path, folder), path
