"""Normalisations."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.initial import InitialValue
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Number, Optional


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    shape = (a.num_features,)
    return (
        OwnParameter("moving_mean", shape, a.moving_mean_init, trainable=False),
        OwnParameter("moving_variance", shape, a.moving_var_init, trainable=False),
        OwnParameter("gamma", shape, a.gamma_init, trainable=a.affine),
        OwnParameter("beta", shape, a.beta_init, trainable=a.affine),
    )


def _infer(a: Arguments, x: TensorType) -> TensorType:
    if x.rank != 4:
        raise Misfit(f"BatchNorm2d takes [N, C, H, W], found {x}")
    if x.shape[1] != a.num_features:
        raise Misfit(
            f"num_features is {a.num_features}, axis 1 of {x} is {x.shape[1]}",
            f"BatchNorm2d({x.shape[1]})",
        )
    return x


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    norm = b.layer(
        b.own.BatchNormalization,
        momentum=a.momentum,
        epsilon=a.eps,
        affine=a.affine,
        use_batch_statistics=a.use_batch_statistics,
        gamma_initializer=b.initial("gamma"),
        beta_initializer=b.initial("beta"),
        moving_mean_initializer=b.initial("moving_mean"),
        moving_variance_initializer=b.initial("moving_variance"),
    )
    result = norm(b.channels_last(x))
    for name in ("moving_mean", "moving_variance", "gamma", "beta"):
        b.bind(name, getattr(norm, name))
    return b.from_channels_last(result)


KINDS = (
    CellKind(
        name="BatchNorm2d",
        signature=signature(
            Argument("num_features", Integer(1), help="channels"),
            Argument("eps", Number(above=0.0), 1e-5, "added to the variance"),
            Argument("momentum", Number(0.0, 1.0), 0.9, "share of the old moving statistics"),
            Argument("affine", Boolean(), True, "whether gamma and beta are trained"),
            Argument("gamma_init", InitialValue(), "ones", "scale"),
            Argument("beta_init", InitialValue(), "zeros", "shift"),
            Argument("moving_mean_init", InitialValue(), "zeros", "moving mean"),
            Argument("moving_var_init", InitialValue(), "ones", "moving variance"),
            Argument(
                "use_batch_statistics",
                Optional(Boolean()),
                None,
                "true: the batch's statistics in eval too; false: the moving ones in training too",
            ),
        ),
        summary=(
            "(x - mean) / sqrt(var + eps) gamma + beta per channel. Training normalises with the "
            "batch's biased variance and moves moving_variance towards the unbiased one."
        ),
        example="BatchNorm2d(64)",
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
    ),
)
