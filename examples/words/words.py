"""One word of each family that a spec can take from a file of Python: see words.spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from declspore.ir.dtype import FLOAT32, INT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.optimizer_arguments import learning_rate
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.data import Arrays, ChangeKind, Element, SourceKind
from declspore.registry.groups import GROUPS
from declspore.registry.kind import Misfit
from declspore.registry.loss import LossKind
from declspore.registry.metric import MetricKind, State
from declspore.registry.op import OpKind
from declspore.registry.optimizer import OptimizerKind, Slot, Step
from declspore.registry.policy import Phase, Policy, PolicyKind, Run
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Number, Tensor


def squash(b: Builder, a: Arguments, x: Value) -> Value:
    """The cell: tanh(x / by)."""
    return b.elementwise(lambda t: b.keras.ops.tanh(t / a.by), x)


def cube(b: Builder, a: Arguments) -> Value:
    """The op: x * x * x."""
    return b.elementwise(lambda t: t * t * t, a.input)


def update_error(a: Arguments, state: State, outputs: Any, labels: Any) -> State:
    """The metric after a batch."""
    wrong = float((outputs.argmax(axis=1) != labels).sum())
    return {"wrong": state["wrong"] + wrong, "total": state["total"] + len(labels)}


def sign_step(
    step: Step, weight: Any, gradient: Any, slots: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The optimizer's rule: a step of one length along the sign of a running mean."""
    mean = slots["mean"] * 0.9 + gradient * 0.1
    return weight - step.rate * step.ops.sign(mean), {"mean": mean}


def points(a: Arguments) -> Arrays:
    """The source: points of the plane, their quadrant as label."""
    data = np.random.default_rng(a.seed).uniform(-1, 1, (a.count, 2)).astype(np.float32)
    return Arrays((data, ((data[:, 0] > 0) * 2 + (data[:, 1] > 0)).astype(np.int32)))


def types_of_points(a: Arguments) -> Element:
    """What one item of the source is."""
    return Element.pair(TensorType(FLOAT32, (2,)), TensorType(INT32, ()), classes=4)


def infer_mirror(a: Arguments, element: Element) -> Element:
    """The transform takes numbers of one axis."""
    if element.data.dtype != FLOAT32:
        raise Misfit(f"it takes f32, found {element.data}", "put TypeCast(f32) before it")
    return element


class Patience(Policy):
    """Ends the training after ``epochs`` epochs whose last loss was not a new best."""

    phase: ClassVar[Phase] = Phase.DECIDE

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def start(self) -> State:
        return {"best": None, "waited": 0}

    def after_epoch(self, state: State, run: Run) -> State:
        loss = run.losses[-1]
        if state["best"] is None or loss < state["best"]:
            return {"best": loss, "waited": 0}
        waited = state["waited"] + 1
        if waited >= self._epochs:
            run.stop(f"the loss has not been below {state['best']:.4g} for {waited} epochs")
        return {"best": state["best"], "waited": waited}


KINDS = (
    CellKind(
        name="Squash",
        signature=signature(Argument("by", Number(), 2.0, "what it is divided by")),
        summary="tanh(x / by).",
        example="Squash(3.0)",
        infer=lambda a, x: x,
        lower=squash,
    ),
    OpKind(
        name="cube",
        signature=signature(Argument("input", Tensor(), help="a tensor")),
        summary="x * x * x.",
        example="x |> cube",
        infer=lambda a: a.input,
        lower=cube,
    ),
    LossKind(
        name="SquaredHinge",
        signature=signature(Argument("margin", Number(), 1.0, "how far the right class must be")),
        summary="The mean of max(0, margin + logit - logit of the right class) squared.",
        example="SquaredHinge()",
        fit=lambda a, logits, labels: None,
        compute=lambda ops, a, x, y: ops.mean(
            ops.square(ops.relu(a.margin + x - ops.take_along_axis(x, y[:, None], axis=1)))
        ),
    ),
    MetricKind(
        name="ErrorRate",
        key="error",
        low=0.0,
        high=1.0,
        signature=signature(),
        summary="Share of samples whose largest output is not at their label.",
        example="ErrorRate()",
        fit=lambda a, outputs, labels: None,
        start=lambda a: {"wrong": 0.0, "total": 0},
        update=update_error,
        result=lambda a, state: state["wrong"] / state["total"],
    ),
    OptimizerKind(
        name="SignMean",
        signature=signature(learning_rate(), *GROUPS),
        summary="weight -= rate sign(mean); mean = 0.9 mean + 0.1 gradient.",
        example="SignMean(learning_rate = 0.001)",
        slots=lambda a: (Slot("mean"),),
        scalars=lambda a: (),
        update=sign_step,
    ),
    SourceKind(
        name="Points",
        signature=signature(
            Argument("count", Integer(1), help="how many"),
            Argument("seed", Integer(0), 0, "which ones"),
        ),
        summary="Points of the plane and their quadrants.",
        example="Points(100)",
        element=types_of_points,
        size=lambda a: a.count,
        open=points,
    ),
    ChangeKind(
        name="Mirror",
        signature=signature(),
        summary="Swaps the axes of a point.",
        example="Points(100) |> Mirror()",
        infer=infer_mirror,
        apply=lambda tf, a, element, data, labels, draws: (tf.reverse(data, [-1]), labels),
    ),
    PolicyKind(
        name="Patience",
        signature=signature(Argument("epochs", Integer(1), help="how many it waits")),
        summary="Ends a training whose loss does not get better.",
        example="Patience(3)",
        make=lambda a: Patience(a.epochs),
        stops=True,
    ),
)
