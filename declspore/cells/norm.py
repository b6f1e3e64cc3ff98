"""Normalisations."""

from __future__ import annotations

from declspore.ir.shape import TensorType, show_shape, static
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of
from declspore.numerics.elementwise import floats_of
from declspore.numerics.initial import InitialValue
from declspore.numerics.normalization import normalized_groups, pivoted
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, ListOf, Number, Optional

_GAMMA = Argument("gamma_init", InitialValue(), "ones", "scale")
_BETA = Argument("beta_init", InitialValue(), "zeros", "shift")


# ---- by batch


def _batch_parameters(a: Arguments, prefix: str) -> tuple[OwnParameter, ...]:
    shape = (a.num_features,)
    return (
        OwnParameter(f"{prefix}moving_mean", shape, a.moving_mean_init, trainable=False),
        OwnParameter(f"{prefix}moving_variance", shape, a.moving_var_init, trainable=False),
        OwnParameter(f"{prefix}gamma", shape, a.gamma_init, trainable=a.affine),
        OwnParameter(f"{prefix}beta", shape, a.beta_init, trainable=a.affine),
    )


def _lower_batch(b: Builder, a: Arguments, x: Value, prefix: str, shared: bool) -> Value:
    norm = b.layer(
        b.own.BatchNormalization,
        momentum=a.momentum,
        epsilon=a.eps,
        affine=a.affine,
        use_batch_statistics=a.use_batch_statistics,
        synchronized=shared,
        gamma_initializer=b.initial(f"{prefix}gamma"),
        beta_initializer=b.initial(f"{prefix}beta"),
        moving_mean_initializer=b.initial(f"{prefix}moving_mean"),
        moving_variance_initializer=b.initial(f"{prefix}moving_variance"),
    )
    result = norm(b.channels_last(x))
    for name in ("moving_mean", "moving_variance", "gamma", "beta"):
        b.bind(f"{prefix}{name}", getattr(norm, name))
    return b.from_channels_last(result)


def _batch_norm(
    word: str, ranks: tuple[int, ...], takes: str, prefix: str = "", shared: bool = False
) -> CellKind:
    """``prefix`` is a segment of its parameters' names: MindSpore's BatchNorm3d holds a 2d one.
    ``shared`` says that devices which share a batch always normalize it together."""

    def infer(a: Arguments, x: TensorType) -> TensorType:
        if floats_of(x).rank not in ranks:
            raise Misfit(f"{word} takes {takes}, found {x}")
        if x.shape[1] != a.num_features:
            raise Misfit(
                f"num_features is {a.num_features}, axis 1 of {x} is {x.shape[1]}",
                fits={"num_features": x.shape[1]},
            )
        return x

    return CellKind(
        name=word,
        signature=signature(
            Argument("num_features", Integer(1), help="channels"),
            Argument("eps", Number(above=0.0), 1e-5, "added to the variance"),
            Argument("momentum", Number(0.0, 1.0), 0.9, "share of the old moving statistics"),
            Argument("affine", Boolean(), True, "whether gamma and beta are trained"),
            _GAMMA,
            _BETA,
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
        example=f"{word}(64)",
        parameters=lambda a: _batch_parameters(a, prefix),
        infer=infer,
        lower=lambda b, a, x: _lower_batch(b, a, x, prefix, shared),
    )


# ---- by sample


def _layer_parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    shape = a.normalized_shape
    return (OwnParameter("gamma", shape, a.gamma_init), OwnParameter("beta", shape, a.beta_init))


def _infer_layer(a: Arguments, x: TensorType) -> TensorType:
    floats_of(x)
    first = axis_of(x, a.begin_params_axis)
    axis_of(x, a.begin_norm_axis)
    if static(x.shape[first:]) != a.normalized_shape:
        shape = list(x.shape[first:])
        raise Misfit(
            f"normalized_shape is {show_shape(a.normalized_shape)}, "
            f"{x} ends in {show_shape(tuple(shape))}",
            f"LayerNorm({shape})" if static(tuple(shape)) else None,
        )
    return x


def _lower_layer(b: Builder, a: Arguments, x: Value) -> Value:
    axes = list(range(axis_of(x.type, a.begin_norm_axis), x.type.rank))
    if axes[0] != axis_of(x.type, a.begin_params_axis):
        return _lower_apart(b, a, x, axes)
    norm = b.layer(
        b.keras.layers.LayerNormalization,
        axis=axes,
        epsilon=a.epsilon,
        gamma_initializer=b.initial("gamma"),
        beta_initializer=b.initial("beta"),
    )
    result = norm(_pivoted_along(b, b.plain(x), axes))
    b.bind("gamma", norm.gamma)
    b.bind("beta", norm.beta)
    return b.from_plain(result)


def _pivoted_along(b: Builder, tensor: Tensor, axes: list[int]) -> Tensor:
    """Without the first of the values that are normalised together."""
    rank = len(tensor.shape)
    first = tuple(slice(0, 1) if axis in axes else slice(None) for axis in range(rank))
    return pivoted(b, tensor, tensor[first])


def _lower_apart(b: Builder, a: Arguments, x: Value, axes: list[int]) -> Value:
    """Where gamma and beta are of other axes than those that are normalised."""
    norm = b.layer(
        b.keras.layers.LayerNormalization,
        "norm",
        axis=axes,
        epsilon=a.epsilon,
        scale=False,
        center=False,
    )
    scale = b.layer(
        b.own.ScaleShift,
        shape=a.normalized_shape,
        gamma_initializer=b.initial("gamma"),
        beta_initializer=b.initial("beta"),
    )
    result = scale(norm(_pivoted_along(b, b.plain(x), axes)))
    b.bind("gamma", scale.gamma)
    b.bind("beta", scale.beta)
    return b.from_plain(result)


def _group_parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    shape = (a.num_channels,)
    return (
        OwnParameter("gamma", shape, a.gamma_init, trainable=a.affine),
        OwnParameter("beta", shape, a.beta_init, trainable=a.affine),
    )


def _complete_group(a: Arguments) -> Arguments:
    if a.num_channels % a.num_groups:
        raise Misfit(f"num_channels {a.num_channels} is not a multiple of {a.num_groups} groups")
    return a


def _infer_group(a: Arguments, x: TensorType) -> TensorType:
    if floats_of(x).rank < 3 or x.shape[1] != a.num_channels:
        fits = {"num_channels": x.shape[1]} if x.rank > 2 else {}
        raise Misfit(f"num_channels is {a.num_channels}, found {x}", fits=fits)
    return x


def _lower_group(b: Builder, a: Arguments, x: Value) -> Value:
    return normalized_groups(b, a, x, a.num_groups)


KINDS = (
    _batch_norm("BatchNorm1d", (2, 3), "[N, C] or [N, C, L]"),
    _batch_norm("BatchNorm2d", (4,), "[N, C, H, W]"),
    _batch_norm("BatchNorm3d", (5,), "[N, C, D, H, W]", "bn2d."),
    _batch_norm("SyncBatchNorm", (2, 4), "[N, C] or [N, C, H, W]", shared=True),
    CellKind(
        name="LayerNorm",
        signature=signature(
            Argument("normalized_shape", ListOf(Integer(1)), help="sizes of gamma and beta"),
            Argument("begin_norm_axis", Integer(), -1, "the first that is normalised"),
            Argument("begin_params_axis", Integer(), -1, "the first that gamma and beta have"),
            _GAMMA,
            _BETA,
            Argument("epsilon", Number(above=0.0), 1e-7, "added to the variance"),
        ),
        summary="(x - mean) / sqrt(var + epsilon) gamma + beta over the last axes.",
        example="LayerNorm([4])",
        parameters=_layer_parameters,
        infer=_infer_layer,
        lower=_lower_layer,
        as_ops=lambda op, a, owned, x: op(
            "layer_norm", x, a.normalized_shape, owned["gamma"], owned["beta"], eps=a.epsilon
        ),
    ),
    CellKind(
        name="GroupNorm",
        signature=signature(
            Argument("num_groups", Integer(1), help="how many groups the channels make"),
            Argument("num_channels", Integer(1), help="channels"),
            Argument("eps", Number(above=0.0), 1e-5, "added to the variance"),
            Argument("affine", Boolean(), True, "whether gamma and beta are trained"),
            _GAMMA,
            _BETA,
        ),
        summary="(x - mean) / sqrt(var + eps) gamma + beta, with mean and var per group.",
        example="GroupNorm(2, 4)",
        complete=_complete_group,
        parameters=_group_parameters,
        infer=_infer_group,
        lower=_lower_group,
    ),
)
