"""Golden data of optimizers and schedules; parts of tests/oracle/generate.py."""

import mindspore as ms
import numpy as np
from mindspore import Parameter, Tensor, nn

from tests.oracle import inputs
from tests.oracle.optimizers import LISTS, OPTIMIZERS, SCHEDULES

SHAPES = {"weight": (4, 3), "gamma": (3,), "bias": (3,)}


def _argument(value):
    if isinstance(value, list) and value and isinstance(value[0], str):
        return getattr(nn, value[0])(*value[1])
    return value


def optimizers(golden):
    """Ten steps on fixed gradients; names hold the words that exempt from weight decay."""
    found = {}
    for name, (word, given) in OPTIMIZERS.items():
        weights = [Parameter(Tensor(inputs.numbers(s, n)), name=n) for n, s in SHAPES.items()]
        arguments = {key: _argument(value) for key, value in given.items()}
        optimizer = getattr(nn, word)(weights, **arguments)
        for step in range(10):
            optimizer(tuple(Tensor(inputs.numbers(s, f"{n} {step}")) for n, s in SHAPES.items()))
        for weight in weights:
            found[f"{name}/{weight.name}"] = weight.asnumpy()
        state = [p for p in optimizer.get_parameters() if p.name not in SHAPES]
        found[f"{name}/state"] = np.array([p.name for p in state], dtype="U")
        for p in state:
            found[f"{name}/state/{p.name}"] = p.asnumpy()
    np.savez_compressed(golden / "optimizers.npz", **found)


def schedules(golden):
    found = {}
    for name, (word, given) in SCHEDULES.items():
        schedule = getattr(nn, word)(*given)
        rates = [float(schedule(Tensor(step, ms.int32)).asnumpy()) for step in range(12)]
        found[name] = np.array(rates, np.float32)
    for name, (word, given) in LISTS.items():
        found[f"list/{name}"] = np.array(getattr(nn, word)(*given))
    np.savez_compressed(golden / "schedules.npz", **found)
