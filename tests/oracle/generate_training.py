"""Golden data of optimizers and schedules; parts of tests/oracle/generate.py."""

import mindspore as ms
import mindspore.common.initializer as init
import numpy as np
from mindspore import Parameter, Tensor, nn

from tests.oracle import inputs
from tests.oracle.initializers import EXACT, INITIALIZERS, QUANTILES, shape_of
from tests.oracle.losses import LOSSES, TENSORS, floats_of
from tests.oracle.metrics import AVERAGED, METRICS, fed
from tests.oracle.optimizers import GROUPED, LISTS, LOOKUPS, OPTIMIZERS, SCHEDULES
from tests.oracle.sequences import SEQUENCES

SHAPES = {"weight": (4, 3), "gamma": (3,), "bias": (3,)}


def _argument(value):
    if isinstance(value, list) and value and isinstance(value[0], str):
        return getattr(nn, value[0])(*value[1])
    return value


def _groups(weights, groups=None):
    """The weights, or groups of them with weights in place of names."""
    if groups is None:
        return weights
    by_name = {weight.name: weight for weight in weights}

    def found(key, value):
        if key in ("params", "order_params"):
            return [by_name[name] for name in value]
        return _argument(value)

    return [{key: found(key, value) for key, value in group.items()} for group in groups]


def optimizers(golden):
    """Ten steps on fixed gradients; names hold the words that exempt from weight decay."""
    found = {}
    for name, (word, given, *grouped) in {**OPTIMIZERS, **GROUPED}.items():
        weights = [Parameter(Tensor(inputs.numbers(s, n)), name=n) for n, s in SHAPES.items()]
        arguments = {key: _argument(value) for key, value in given.items()}
        optimizer = getattr(nn, word)(_groups(weights, *grouped), **arguments)
        shapes = {p.name: SHAPES[p.name] for p in optimizer.parameters}
        for step in range(10):
            optimizer(tuple(Tensor(inputs.numbers(s, f"{n} {step}")) for n, s in shapes.items()))
        for weight in weights:
            found[f"{name}/{weight.name}"] = weight.asnumpy()
        found[f"{name}/order"] = np.array(list(shapes), dtype="U")
        # AdaFactor keeps a nameless zero in place of the moments it has not
        state = [
            p
            for p in optimizer.get_parameters()
            if p.name not in SHAPES and not p.name.startswith("Parameter$")
        ]
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


def losses(golden):
    """Values, and gradients of their sum by every float that enters but the last."""
    found = {}
    for name, (word, given, *kinds) in LOSSES.items():
        arguments = {k: Tensor(v, ms.float32) if k in TENSORS else v for k, v in given.items()}
        if word == "BCELoss" and "weight" in given:  # of another shape, its kernel reads beyond it
            arguments["weight"] = Tensor(np.tile(np.array(given["weight"], np.float32), (6, 1)))
        if word == "MultiClassDiceLoss" and "weights" in given:  # of one axis, it is refused
            arguments["weights"] = Tensor(np.array(given["weights"], np.float32)[:, None])
        loss = getattr(nn, word)(**arguments)
        entering = [Tensor(inputs.entering_loss(kind)) for kind in kinds]
        value = loss(*entering).asnumpy()
        found[name] = value[0] if word == "MultiClassDiceLoss" and value.ndim else value
        for index in floats_of(word, kinds):

            def total(x, index=index, entering=entering, loss=loss, word=word):
                if word == "CTCLoss":  # its kernel's gradient is right behind a softmax only
                    x = ms.ops.log_softmax(x, -1)
                return loss(*entering[:index], x, *entering[index + 1 :]).sum()

            try:
                gradient = ms.grad(total)(entering[index]).asnumpy()
                found[f"{name}/gradient{index or ''}"] = gradient
            except Exception as error:
                print(f"{name}: no gradient: {str(error).splitlines()[0]}")
    np.savez_compressed(golden / "losses.npz", **found)


def metrics(golden):
    found = {
        name: _figure(word, given, list(fed(name))) for name, (word, given, *_) in METRICS.items()
    }
    np.savez_compressed(golden / "metrics.npz", **found)


def _figure(word, given, batches):
    """What MindSpore reports. Metrics that know their last update alone are fed with all at once,
    or image by image."""
    average = ()
    if word in AVERAGED:
        *given, average = given
        average = (average,)
    if word in ("HausdorffDistance", "MeanSurfaceDistance", "RootMeanSquareDistance"):
        pairs = [pair for batch in batches for pair in zip(*batch, strict=True)]
        return np.mean([getattr(ms.train, word)(*given)(*pair, 1) for pair in pairs])
    if word in ("ROC", "AUC", "CosineSimilarity"):
        batches = [[np.concatenate(parts) for parts in zip(*batches, strict=True)]]
    metric = getattr(ms.train, "ROC" if word == "AUC" else word)(*given)
    metric.clear()
    for parts in batches:
        listed = word == "BleuScore"
        metric.update(*(part.tolist() if listed else Tensor(part) for part in parts))
    figure = metric.eval(*average)
    if word == "AUC":
        return ms.train.auc(*figure[:2])
    return np.squeeze(figure) if word == "ConfusionMatrixMetric" else figure


def initializers(golden):
    """Exact values, or mean, deviation and quantiles of many."""
    found = {}
    for name, (expression, _) in INITIALIZERS.items():
        given = eval(expression, {"init": init})
        values = init.initializer(given, shape_of(name), ms.float32).init_data().asnumpy()
        if name in EXACT:
            found[name] = values.astype(np.float16)
            continue
        found[name] = np.array([values.mean(), values.std(), *np.quantile(values, QUANTILES)])
    np.savez_compressed(golden / "initializers.npz", **found)


class _Named(nn.Cell):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell


def _flat(results):
    """(output, (h, c)) as one tuple."""
    output, state = results
    return (output, *state) if isinstance(state, tuple) else (output, state)


def _several(results):
    return results if isinstance(results, tuple) else (results,)


def sequences(golden, fill):
    found = {}
    for name, (_, cell, _, call, shapes) in SEQUENCES.items():
        net = _Named(eval(cell, {"nn": nn}))
        fill(net)
        net.set_train(False)
        given = [Tensor(x) for x in inputs.sequences(name, shapes)]
        scope = {"cell": net.cell, "flat": _flat, "nn": nn, **dict(zip("xyz", given, strict=False))}
        for index, result in enumerate(_several(eval(call, scope))):
            found[f"{name}/{index}"] = result.asnumpy()
        found[f"{name}/names"] = np.array([p.name for p in net.get_parameters()], dtype="U")
        weights = net.trainable_params()

        floats = [x for x in given if x.dtype == ms.float32]

        def along(*entering, call=call, scope=scope, name=name, given=given):
            moving = iter(entering)
            taken = [next(moving) if x.dtype == ms.float32 else x for x in given]
            results = _several(eval(call, {**scope, **dict(zip("xyz", taken, strict=False))}))
            total = 0
            for index, result in enumerate(results):
                if result.dtype == ms.float32:
                    direction = inputs.numbers(result.shape, f"{name} direction {index}")
                    total = total + (result * Tensor(direction)).sum()
            return total

        places = tuple(range(len(floats))) or None
        try:
            gradients = ms.value_and_grad(along, places, weights or None)(*floats)[1]
        except Exception as error:
            print(f"{name}: no gradient: {str(error).splitlines()[0]}")
            continue
        of_inputs, of_weights = gradients if weights else (gradients, ())
        for index, gradient in enumerate(_several(of_inputs)):
            found[f"{name}/input_gradient/{index}"] = gradient.asnumpy()
        for weight, gradient in zip(weights, of_weights, strict=True):
            if gradient.shape == weight.shape:  # those of rows alone have no axis of the table
                found[f"{name}/gradient/{weight.name}"] = gradient.asnumpy()
    np.savez_compressed(golden / "sequences.npz", **found)


class _Looking(nn.Cell):
    def __init__(self):
        super().__init__()
        self.look = nn.EmbeddingLookup(*inputs.TABLE)

    def construct(self, ids):
        return self.look(ids)


def lookups(golden, fill):
    """Steps of optimizers on the rows that look-ups meet, which MindSpore makes in graphs alone."""
    ms.set_context(mode=ms.GRAPH_MODE)
    found = {}
    for name, (word, given) in LOOKUPS.items():
        net = _Looking()
        fill(net)
        optimizer = getattr(nn, word)(net.trainable_params(), **given)
        cell = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), optimizer).set_train()
        for ids, labels in inputs.looked_up():
            cell(Tensor(ids), Tensor(labels))
        for p in optimizer.get_parameters():
            found[f"{name}/{p.name}"] = p.asnumpy()
    np.savez_compressed(golden / "lookups.npz", **found)
    ms.set_context(mode=ms.PYNATIVE_MODE)
