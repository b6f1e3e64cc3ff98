"""Normalisation of every channel of every sample by itself."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.numerics.initial import InitialValue, initializer
from declspore.numerics.normalization import normalized_groups
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Number

_AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    shape = (a.num_features,)
    return (
        OwnParameter("moving_mean", shape, initializer("Zero"), trainable=False),
        OwnParameter("moving_variance", shape, initializer("One"), trainable=False),
        OwnParameter("gamma", shape, a.gamma_init, trainable=a.affine),
        OwnParameter("beta", shape, a.beta_init, trainable=a.affine),
    )


def _infer(word: str, n: int, a: Arguments, x: TensorType) -> TensorType:
    if floats_of(x).rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {_AXES[n]}], found {x}")
    if x.shape[1] != a.num_features:
        reason = f"num_features is {a.num_features}, axis 1 of {x} is {x.shape[1]}"
        raise Misfit(reason, fits={"num_features": x.shape[1]})
    return x


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    """Groups of one channel each; what MindSpore keeps as moving statistics nothing reads."""
    return normalized_groups(b, a, x, a.num_features)


def _cell(n: int) -> CellKind:
    word = f"InstanceNorm{n}d"
    return CellKind(
        name=word,
        signature=signature(
            Argument("num_features", Integer(1), help="channels"),
            Argument("eps", Number(above=0.0), 1e-5, "added to the variance"),
            Argument("momentum", Number(0.0, 1.0), 0.1, "of statistics that are kept, not used"),
            Argument("affine", Boolean(), True, "whether gamma and beta are trained"),
            Argument("gamma_init", InitialValue(), "ones", "scale"),
            Argument("beta_init", InitialValue(), "zeros", "shift"),
        ),
        summary=(
            "(x - mean) / sqrt(var + eps) gamma + beta, with the biased statistics of each channel "
            "of each sample, in training and eval alike. moving_mean and moving_variance are in "
            "the checkpoint and stay as they are. By its documented formula: MindSpore's CPU has "
            "no kernel."
        ),
        example=f"{word}(64)",
        parameters=_parameters,
        infer=lambda a, x: _infer(word, n, a, x),
        lower=_lower,
    )


KINDS = tuple(_cell(n) for n in (1, 2, 3))
