"""What tests of exports share."""

import numpy as np
import onnx
import onnxruntime

from declspore.exports.format import Exportable
from declspore.exports.onnx.model import model_of
from declspore.exports.onnx.network import graph_of
from declspore.exports.proof import difference, expected, inputs_of, sizes_to_try
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network


def exportable(network, **options) -> Exportable:
    """A network with values that no layer is blind to."""
    model = compile_network(network)
    rng = np.random.default_rng(0)
    for name, storage in binding_of(model).items():
        value = rng.normal(size=storage.shape) * 0.3
        if name.endswith("moving_variance"):
            value = np.abs(value) + 0.5
        elif storage.read().std() > 0:
            value = storage.read()
        storage.write(value.astype(storage.dtype.as_numpy()))
    return Exportable(network, model, **options)


def onnx_difference(made: Exportable) -> float:
    """The largest difference of ONNX Runtime's answers, over inputs of three sizes."""
    graph, refused = graph_of(made.network)
    assert not refused, refused
    binding = binding_of(made.model)
    model = model_of(graph, lambda name: binding[name].read(), {})
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    worst = 0.0
    for seed, sizes in enumerate(sizes_to_try(made.network)):
        inputs = inputs_of(made.network, sizes, seed)
        names = [entry.name for entry in made.network.inputs]
        found = session.run(None, dict(zip(names, inputs, strict=True)))
        wanted = expected(made, inputs)
        worst = max(worst, *(difference(*pair) for pair in zip(found, wanted, strict=True)))
    return worst
