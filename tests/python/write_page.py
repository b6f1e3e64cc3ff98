"""Writes docs/mindspore.md: ``python -m tests.python.write_page``."""

from importlib import import_module

from declspore.porting.names import Unsupported
from declspore.porting.page import page
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "mindspore.md"


def _owner(home: str):
    from declspore import Model, Parameter, Tensor, nn

    net = nn.Dense(2, 1)

    classes = {
        "mindspore.Tensor": Tensor([[1.0, 2.0], [3.0, 4.0]]),
        "mindspore.Parameter": Parameter([1.0]),
        "mindspore.nn.Cell": nn.Cell(),
        "mindspore.Model": Model(net),
    }
    return classes[home] if home in classes else import_module(home.replace("mind", "decl", 1))


def has(home: str, name: str) -> bool:
    """Whether declspore answers the name. Anything but Unsupported would be a fault."""
    try:
        getattr(_owner(home), name)
    except Unsupported:
        return False
    return True


def text() -> str:
    return page(has)


if __name__ == "__main__":
    PAGE.write_text(text())
