"""docs/mindspore.md against what declspore answers."""

import pytest

from declspore import Unsupported
from declspore.porting.names import others, table
from tests.python.write_page import PAGE, has, text


def test_the_page_is_what_declspore_answers():
    """``python -m tests.python.write_page`` writes it."""
    assert PAGE.read_text() == text()


def test_no_name_of_mindspore_is_an_attribute_error():
    """:func:`has` lets any other error than Unsupported through."""
    for home, names in table().items():
        for name in names:
            has(home, name)


def test_what_mindspore_does_not_document_is_refused_by_name():
    """Names that its modules have besides the public ones: never an AttributeError."""
    from tests.python.write_page import _owner

    missing = []
    for home, names in others().items():
        for name in names:
            try:
                getattr(_owner(home), name)
            except Unsupported:
                continue
            except AttributeError:
                missing.append(f"{home}.{name}")
    assert missing == []


def test_modules_under_their_older_names():
    """``from mindspore.nn.loss import ...`` as scripts of several releases write it."""
    from declspore.common.api import jit
    from declspore.common.seed import set_seed
    from declspore.communication.management import get_group_size, get_rank, init
    from declspore.dataset.transforms.c_transforms import TypeCast
    from declspore.dataset.vision.c_transforms import Resize
    from declspore.nn.layer.basic import Dense
    from declspore.nn.loss.loss import LossBase
    from declspore.nn.wrap.cell_wrapper import WithLossCell
    from declspore.ops.operations import ReduceMean
    from declspore.train.metrics import Accuracy

    from declspore.ops import functional

    found = (jit, set_seed, TypeCast, Resize, Dense, LossBase, WithLossCell, ReduceMean, Accuracy)
    assert all(map(callable, (*found, functional.relu)))
    assert (get_rank(), get_group_size()) == (0, 1)
    with pytest.raises(Unsupported, match="declspore run --workers"):
        init()


def test_modules_that_are_absent_as_a_whole():
    from declspore.experimental.optim import lr_scheduler
    from declspore.mint.nn import functional

    from declspore import mint, numpy

    for module, name in (
        (mint, "randn"),
        (functional, "relu"),
        (numpy, "arange"),
        (lr_scheduler, "StepLR"),
    ):
        with pytest.raises(Unsupported, match="declspore does not have"):
            getattr(module, name)


def test_what_is_there_has_a_docstring():
    """What ``help`` shows: every function and class has a text of its own."""
    from tests.python.write_page import _owner

    silent = [
        f"{home}.{name}"
        for home in ("mindspore", "mindspore.nn", "mindspore.ops", "mindspore.train")
        for name in table()[home]
        if has(home, name)
        and callable(value := getattr(_owner(home), name))
        and not (value.__doc__ or "").strip()
    ]
    assert silent == []
