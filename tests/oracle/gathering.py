"""Rows of a family of words, gathered from its folder."""

import importlib
import pkgutil


def gathered(package):
    """``ROWS`` of every module of a package, as one dictionary. No name may be there twice."""
    found = {}
    folder = importlib.import_module(package)
    for info in pkgutil.iter_modules(folder.__path__):
        rows = importlib.import_module(f"{package}.{info.name}").ROWS
        assert not found.keys() & rows.keys(), found.keys() & rows.keys()
        found |= rows
    return found
