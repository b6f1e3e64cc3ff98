"""Specs as Python modules. Importing this module switches it on::

    import declspore.hook
    from specs.lenet import LeNet5

``specs.lenet`` is then found as ``specs/lenet.spec`` wherever Python would look for
``specs/lenet.py``; a Python module of that name comes first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from declspore.api import load


class SpecFinder(MetaPathFinder):
    """Finds ``name.spec`` for ``import name``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        name = fullname.rpartition(".")[2]
        for folder in sys.path if path is None else path:
            file = Path(folder or ".") / f"{name}.spec"
            if file.is_file():
                loader = SpecLoader(file)
                return ModuleSpec(fullname, loader, origin=str(file))
        return None


class SpecLoader(Loader):
    """Loads a spec as a module whose names are its networks, datasets and tasks."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def exec_module(self, module: ModuleType) -> None:
        spec = load(self._file)
        module.__file__ = str(self._file)
        module.__dict__["__dir__"] = lambda: dir(spec)
        module.__dict__["__getattr__"] = lambda name: getattr(spec, name)


if not any(isinstance(finder, SpecFinder) for finder in sys.meta_path):
    sys.meta_path.append(SpecFinder())
