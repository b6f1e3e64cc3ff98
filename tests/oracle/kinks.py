"""Ops where two pieces of a formula meet, of mixed element types, and at the edge of what their
arguments may be; rows as in tests/oracle/ops.py.

``_AT`` is an input whose value is a number, and whose gradient passes: x - stop_gradient(x).
"""

from tests.oracle.spelling import alike, python

M = (3, 4)
V = (2, 3, 8)
E = (2, 3, 4, 5)

_AT = "x - stop_gradient(x)"
_THEIRS = "x - ops.stop_gradient(x)"
_ROUND = f"stop_gradient(round(x)) + ({_AT})"
_ROUND_THEIRS = f"ops.stop_gradient(ops.round(x)) + ({_THEIRS})"


# MindSpore's gradient goes through a cast to integers, no other library's does
_WHOLE = "cast(stop_gradient(x) * 9.0, i32)"
_WHOLE_THEIRS = "(ops.stop_gradient(x) * 9).astype(ms.int32)"
_BYTES = "cast(stop_gradient(abs(x)) * 90.0, u8)"
_BYTES_THEIRS = "(ops.stop_gradient(x.abs()) * 90).astype(ms.uint8)"


def _meeting(name, call, shapes=(M,)):
    """A call with ``@`` where the input stands that is a number."""
    theirs = python(call).replace("stop_gradient", "ops.stop_gradient").replace("abs", "ops.abs")
    theirs = f"ops.{theirs}".replace("@", _THEIRS)
    return {name: (call.replace("@", _AT), theirs, list(shapes))}


def _equal(name, call, shape=V):
    """A call of rounded numbers, many of which are equal."""
    ours, theirs = call.replace("@", _ROUND), python(call).replace("@", _ROUND_THEIRS)
    return {name: (ours, f"ops.{theirs}", [shape])}


KINKS = {
    **_meeting("maximum_of_equal", "maximum(x, stop_gradient(x))"),
    **_meeting("minimum_of_equal", "minimum(x, stop_gradient(x))"),
    **_meeting("maximum_of_equal_number", "maximum(@, 0.0)"),
    **_meeting("hardtanh_at_bound", "hardtanh(@ + 1.0)"),
    **_meeting("logaddexp_of_equal", "logaddexp(x, stop_gradient(x))"),
    **_meeting("logaddexp2_of_equal", "logaddexp2(x, stop_gradient(x))"),
    **_meeting("celu_at_zero", "celu(@)"),
    **_meeting("selu_at_zero", "selu(@)"),
    **_meeting("leaky_relu_at_zero", "leaky_relu(@, 0.3)"),
    **_meeting("clamp_at_bounds", "clamp(@ + 1.0, 1.0, 2.0)"),
    "abs_at_zero": (f"abs({_AT})", f"ops.abs({_THEIRS})", [M]),
    **_meeting("softshrink_at_bound", "softshrink(@ + 0.5)"),
    **_meeting("xlogy_at_zero", "xlogy(@, abs(y) + 0.1)", (M, M)),
    **alike("hypot(x * 1e25, y * 1e25)", shapes=[M, M]),
    **_equal("max_of_equal", "max(@, 1)[0]"),
    **_equal("min_of_equal", "min(@, -1)[0]"),
    **_equal("adaptive_max_pool2d_of_equal", "adaptive_max_pool2d(@, [3, 2])", (2, 3, 7, 8)),
    **_equal("max_pool3d_of_equal", "max_pool3d(@, 2, 2)", (2, 3, 4, 5, 6)),
    "argmax_of_zeros": (
        "cast(argmax(round(x * 0.3), axis = 1), f32)",
        "ops.argmax(ops.round(x * 0.3), 1).astype(ms.float32)",
        [(6, 8)],
    ),
    "floor_div_of_tenths": (
        "floor_div(round(x * 4.0), 0.1)",
        "ops.floor_div(ops.round(x * 4.0), 0.1)",
        [(8, 8)],
    ),
    "fmod_of_whole": (
        f"cast(fmod({_WHOLE}, cast(stop_gradient(abs(y)) * 3.0, i32) + 1), f32)",
        (
            f"ops.fmod({_WHOLE_THEIRS}, (ops.stop_gradient(y.abs()) * 3).astype(ms.int32) + 1)"
            ".astype(ms.float32)"
        ),
        [M, M],
    ),
    # mixed element types
    "add_half": ("cast(x, f16) + y", "x.astype(ms.float16) + y", [M, M]),
    "mul_whole": (
        f"cast({_WHOLE} * cast(stop_gradient(y) * 9.0, i64), f32)",
        f"({_WHOLE_THEIRS} * (ops.stop_gradient(y) * 9).astype(ms.int64)).astype(ms.float32)",
        [M, M],
    ),
    "where_half": (
        "where(x > 0, cast(x, f16), y)",
        "ops.where(x > 0, x.astype(ms.float16), y)",
        [M, M],
    ),
    "add_truths": ("(x > 0) + y", "(x > 0) + y", [M, M]),
    "logical_and_of_numbers": (
        "cast(logical_and(round(x), y > 0), f32)",
        "ops.logical_and(ops.round(x), y > 0).astype(ms.float32)",
        [M, M],
    ),
    "sum_of_bytes": (
        f"cast(sum({_BYTES}, axis = 1), f32)",
        f"ops.sum({_BYTES_THEIRS}, 1).astype(ms.float32)",
        [M],
    ),
    "mean_of_whole": (
        f"cast(mean({_WHOLE}, axis = 1), f32)",
        f"ops.mean({_WHOLE_THEIRS}, 1).astype(ms.float32)",
        [M],
    ),
    "sort_whole_falling": (
        f"cast(sort({_BYTES}, descending = true)[0], f32)",
        f"ops.sort({_BYTES_THEIRS}, -1, True)[0].astype(ms.float32)",
        [M],
    ),
    # the edge of arguments
    **alike("tril(x, 9)", "triu(x, -9)", "tril(x, -9)", shapes=[(4, 4)]),
    **alike("pad(x, [-1, 2])", "pad(x, [-1, -2], value = 1.5)", shapes=[V]),
    "pad_circular": (
        'pad(x, [1, 2, 3, 0], mode = "circular")',
        "ops.pad(x, [1, 2, 3, 0], 'circular')",
        [E],
    ),
    "broadcast_to_own": (
        "broadcast_to(x, [4, -1, 3]) * sum(y)",
        "ops.broadcast_to(x, (4, -1, 3)) * y.sum()",
        [(5, 1), M],
    ),
    "flip_axes": ("flip(x, [1, 2])", "ops.flip(x, (1, 2))", [V]),
    "tile_last": ("tile(x, [2])", "ops.tile(x, (2,))", [M]),
    "bmm_deep": ("bmm(x, y)", "ops.bmm(x, y)", [E, (2, 3, 5, 2)]),
    "gather_elements_shorter": (
        "gather_elements(x, 1, cast(abs(y), i32))",
        "ops.gather_elements(x, 1, ops.abs(y).astype(ms.int32))",
        [(3, 9, 4), (3, 2, 3)],
    ),
    "index_fill_from_end": (
        "index_fill(x, 1, tensor([0, -1], dtype = i32), 0.5)",
        "ops.index_fill(x, 1, ms.Tensor([0, -1], ms.int32), 0.5)",
        [M],
    ),
    "tensor_scatter_elements_from_end": (
        (
            "tensor_scatter_elements(x, tensor([[-1, 1]], dtype = i32) + cast(y * 0.0, i32), y, "
            'axis = 1, reduction = "add")'
        ),
        "ops.tensor_scatter_elements(x, ms.Tensor([[-1, 1]] * 3, ms.int32), y, 1, 'add')",
        [M, (3, 2)],
    ),
}
