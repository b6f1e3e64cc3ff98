"""Every op against MindSpore's golden numbers: forward, and the gradients of its inputs."""

import numpy as np
import pytest

from declspore.lower.network import compile_network
from tests.conftest import GOLDEN
from tests.gradients import along, gradients
from tests.oracle import inputs
from tests.oracle.ops import OPS, WRONG_GRADIENTS
from tests.support import checked

NAMES = "xyz"


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "ops.npz") as data:
        return dict(data)


def _network(expression, shapes):
    formals = ", ".join(
        f"{name}: f32[{_dims(shape, shapes[0])}]"
        for name, shape in zip(NAMES, shapes, strict=False)
    )
    return checked(f"network Net() {{ construct({formals}) = {expression} }}").networks["Net"]


def _dims(shape, first) -> str:
    """The sizes of an input; the batch stays symbolic."""
    batch = "B" if shape == first or (len(shape) > 1 and shape[0] == first[0]) else str(shape[0])
    return ", ".join([batch, *map(str, shape[1:])])


def word_of(case) -> tuple[str, str]:
    network = _network(*OPS[case][::2])
    words = {node.word for node in network.nodes}
    named = [word for word in words if case == word or case.startswith(f"{word}_")]
    return "op", max(named, key=len, default=next(n.word for n in reversed(network.nodes)))


@pytest.mark.parametrize("case", OPS)
def test_op(case, golden, parity, forward_alone):
    expression, _, shapes = OPS[case]
    word = word_of(case)
    model = compile_network(_network(expression, shapes))
    given = [inputs.numbers(s, f"{case} {n}") for n, s in zip(NAMES, shapes, strict=False)]
    found = model(given if len(given) > 1 else given[0])
    parity.close(word, case, "forward", found, golden[f"{case}/forward"])
    if forward_alone:
        return

    def total(given):
        return along(model(given if len(given) > 1 else given[0]), f"{case} direction")

    for name, gradient in zip(NAMES, gradients(total, given)[0], strict=False):
        expected = golden.get(f"{case}/gradient/{name}")
        if case in WRONG_GRADIENTS:
            parity.deviation(word, WRONG_GRADIENTS[case])
        if expected is None or case in WRONG_GRADIENTS:
            continue  # MindSpore has none, or a wrong one
        parity.close(word, case, "gradient", gradient, expected)
