"""Whether what networks compute with is installed, without importing it."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

INSTALL = 'pip install "declspore[tensorflow]"'
_BACKENDS = ("tensorflow", "jax", "torch")
_TITLES = {"keras": "Keras", "tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


class EngineMissing(ImportError):
    """A network is asked for and the packages that compute it are not installed."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages
        super().__init__(f"{reason(packages)}: {remedy(packages)}", name=packages[0])


def missing() -> tuple[str, ...]:
    """Packages that computing with a network needs and that are not installed.

    Keras, TensorFlow (its data pipelines feed every backend), and the backend that
    ``KERAS_BACKEND`` names.
    """
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    wanted = dict.fromkeys(["keras", "tensorflow", backend])
    return tuple(package for package in wanted if not _is_there(package))


def _is_there(package: str) -> bool:
    """What is loaded is there, even where it was not found in the usual way."""
    if package not in _TITLES:
        return False  # a backend that Keras does not have, or that cannot train
    return sys.modules.get(package) is not None or find_spec(package) is not None


def reason(packages: tuple[str, ...]) -> str:
    """What is missing, as the title of a diagnostic."""
    for package in packages:
        if package not in _TITLES:
            known = ", ".join(_BACKENDS)
            return f"KERAS_BACKEND is `{package}`, which is not one of {known}"
    names = " and ".join(_TITLES[package] for package in packages)
    return f"networks are computed by {names}, which {_verb(packages)} not installed"


def remedy(packages: tuple[str, ...]) -> str:
    """What makes computing possible, as the help of a diagnostic."""
    if any(package not in _TITLES for package in packages):
        return "unset KERAS_BACKEND, or KERAS_BACKEND=tensorflow"
    if packages == ("jax",):
        return 'pip install "declspore[jax]"'
    return "pip install torch" if packages == ("torch",) else INSTALL


def require() -> None:
    """Raise :class:`EngineMissing` where a network could not be computed."""
    packages = missing()
    if packages:
        raise EngineMissing(packages)


def before_tensorflow() -> None:
    """Import what must come before TensorFlow, in a module that is about to import it.

    Where Keras computes with PyTorch that is Keras: PyTorch's compiler and TensorFlow both bring
    LLVM, and the process is ended where that of the compiler comes second.
    """
    if os.environ.get("KERAS_BACKEND") == "torch":
        import_module("keras")


def _verb(packages: tuple[str, ...]) -> str:
    return "is" if len(packages) == 1 else "are"
