"""Ops to compare: one row each, in the words of both sides.

``spec`` is an expression of a construct with inputs x, y, z; ``mindspore`` the same in MindSpore
(with ``ops``, ``ms`` and ``np`` in scope); ``shapes`` those of the inputs. The result is a
tensor of floats.
"""

from tests.oracle.kinks import KINKS
from tests.oracle.spelling import alike
from tests.oracle.more_ops import MORE_OPS

E = (2, 3, 4, 5)
M = (3, 4)

OPS = {
    **{
        word: (f"{word}(x)", f"ops.{word}(x)", [M])
        for word in (
            *("abs", "neg", "exp", "square", "sin", "cos", "erf", "sign", "floor", "ceil"),
            *("round", "tanh", "sigmoid", "relu", "relu6", "silu", "mish", "elu", "softsign"),
            *("reciprocal", "zeros_like", "ones_like"),
        )
    },
    "gelu": ("gelu(x)", "ops.gelu(x)", [M]),
    "gelu_tanh": ('gelu(x, approximate = "tanh")', "ops.gelu(x, 'tanh')", [M]),
    "leaky_relu": ("leaky_relu(x, 0.1)", "ops.leaky_relu(x, 0.1)", [M]),
    "hardswish": ("hardswish(x)", "ops.hardswish(x)", [M]),
    "hardsigmoid": ("hardsigmoid(x)", "ops.hardsigmoid(x)", [M]),
    "softplus": ("softplus(x)", "ops.softplus(x)", [M]),
    "logsigmoid": ("logsigmoid(x)", "ops.logsigmoid(x)", [M]),
    "selu": ("selu(x)", "ops.selu(x)", [M]),
    "log": ("log(abs(x) + 0.1)", "ops.log(ops.abs(x) + 0.1)", [M]),
    "log1p": ("log1p(abs(x))", "ops.log1p(ops.abs(x))", [M]),
    "sqrt": ("sqrt(abs(x))", "ops.sqrt(ops.abs(x))", [M]),
    "rsqrt": ("rsqrt(abs(x) + 0.1)", "ops.rsqrt(ops.abs(x) + 0.1)", [M]),
    "pow": ("abs(x) ** 1.5", "ops.pow(ops.abs(x), 1.5)", [M]),
    "add": ("x + y", "x + y", [E, (1, 3, 1, 1)]),
    "sub": ("2 - x", "2 - x", [M]),
    "mul": ("x * y * 3", "x * y * 3", [M, (4,)]),
    "div": ("x / (abs(y) + 1)", "x / (ops.abs(y) + 1)", [M, M]),
    "floor_div": ("x // 0.5", "ops.floor_div(x, 0.5)", [M]),
    "remainder": ("x % 0.7", "ops.remainder(x, 0.7)", [M]),
    "maximum": ("maximum(x, y)", "ops.maximum(x, y)", [M, M]),
    "minimum": ("minimum(x, 0.3)", "ops.minimum(x, 0.3)", [M]),
    "clamp": ("clamp(x, -0.5, 0.5)", "ops.clamp(x, -0.5, 0.5)", [M]),
    **{
        name: (f"cast(x {sign} y, f32)", f"(x {sign} y).astype(ms.float32)", [M, M])
        for name, sign in (
            *(("equal", "=="), ("not_equal", "!="), ("less", "<"), ("less_equal", "<=")),
            *(("greater", ">"), ("greater_equal", ">=")),
        )
    },
    **{
        name: (
            f"cast({name}(x > 0, y > 0), f32)",
            f"ops.{name}(x > 0, y > 0).astype(ms.float32)",
            [M, M],
        )
        for name in ("logical_and", "logical_or", "logical_xor")
    },
    "logical_not": (
        "cast(logical_not(x > 0), f32)",
        "ops.logical_not(x > 0).astype(ms.float32)",
        [M],
    ),
    "where": ("where(x > 0, x, y * 2)", "ops.where(x > 0, x, y * 2)", [M, M]),
    "masked_fill": ("masked_fill(x, y > 0, -5)", "ops.masked_fill(x, y > 0, -5.0)", [M, M]),
    "cast": ("cast(cast(x, f16), f32)", "x.astype(ms.float16).astype(ms.float32)", [M]),
    **{
        f"{word}_{name}": (
            f"{word}(x, {spec})" if spec else f"{word}(x)",
            f"ops.{theirs}(x, {args})" if args else f"ops.{theirs}(x)",
            [(2, 3, 4)],
        )
        for word, theirs in (
            *(("mean", "mean"), ("amax", "amax"), ("amin", "amin"), ("sum", "sum")),
        )
        for name, spec, args in (
            ("one", "axis = 1", "1"),
            (
                "two",
                "axis = [0, 2], keep_dims = true",
                "(0, 2), keepdim=True"
                if word == "sum"
                else "(0, 2), keep_dims=True"
                if word == "mean"
                else "(0, 2), keepdims=True",
            ),
        )
    },
    "sum_all": ("sum(x)", "ops.sum(x)", [M]),
    "mean_image": ("mean(x, axis = [2, 3])", "ops.mean(x, (2, 3))", [E]),
    "prod": ("prod(x, axis = 1)", "ops.prod(x, 1)", [M]),
    "logsumexp": ("logsumexp(x, axis = 1)", "ops.logsumexp(x, 1)", [M]),
    "var": ("var(x, axis = 1)", "ops.var(x, 1, 0)", [M]),
    "var_unbiased": ("var(x, axis = [0, 1], ddof = 1)", "ops.var(x, (0, 1), 1)", [M]),
    "std": ("std(x, axis = 1, ddof = 1, keep_dims = true)", "ops.std(x, 1, 1, True)", [M]),
    "l2_normalize": ("l2_normalize(x, axis = 1)", "ops.L2Normalize(axis=1)(x)", [M]),
    "all": ("cast(all(x > -1, axis = 1), f32)", "(x > -1).all(1).astype(ms.float32)", [M]),
    "any": ("cast(any(x > 1, axis = 1), f32)", "(x > 1).any(1).astype(ms.float32)", [M]),
    "argmax": ("cast(argmax(x, axis = 1), f32)", "ops.argmax(x, 1).astype(ms.float32)", [M]),
    "argmin": ("cast(argmin(x, axis = 0), f32)", "ops.argmin(x, 0).astype(ms.float32)", [M]),
    "cumsum": ("cumsum(x, axis = 1)", "ops.cumsum(x, 1)", [M]),
    "flip": ("flip(x, axis = 1)", "ops.flip(x, (1,))", [M]),
    "topk": ("topk(x, 2)[0]", "ops.topk(x, 2)[0]", [M]),
    "topk_indices": ("cast(topk(x, 2)[1], f32)", "ops.topk(x, 2)[1].astype(ms.float32)", [M]),
    "argsort": ("cast(argsort(x, axis = 0), f32)", "ops.argsort(x, 0).astype(ms.float32)", [M]),
    "softmax": ("softmax(x, axis = 1)", "ops.softmax(x, 1)", [E]),
    "log_softmax": ("log_softmax(x)", "ops.log_softmax(x, -1)", [M]),
    "matmul": ("x @ y", "ops.matmul(x, y)", [(2, 3, 4), (4, 5)]),
    "matmul_vector": ("matmul(x, y)", "ops.matmul(x, y)", [(2, 3, 4), (4,)]),
    "bmm": ("bmm(x, y)", "ops.bmm(x, y)", [(2, 3, 4), (2, 4, 5)]),
    "einsum": (
        'einsum("bij,bkj->bki", [x, y])',
        "ops.matmul(y, x.swapaxes(1, 2))",
        [(2, 3, 4), (2, 5, 4)],
    ),
    "reshape": ("reshape(x, [B, 2, -1, 5])", "ops.reshape(x, (2, 2, -1, 5))", [E]),
    "reshape_batch": ("reshape(x, [-1, 10])", "ops.reshape(x, (-1, 10))", [E]),
    "transpose": ("transpose(x, [0, 2, 3, 1])", "ops.transpose(x, (0, 2, 3, 1))", [E]),
    "swapaxes": ("swapaxes(x, 1, -1)", "ops.swapaxes(x, 1, -1)", [E]),
    "expand_dims": ("expand_dims(x, -1)", "ops.expand_dims(x, -1)", [M]),
    "squeeze": (
        "squeeze(expand_dims(x, 1), axis = 1)",
        "ops.squeeze(ops.expand_dims(x, 1), 1)",
        [M],
    ),
    "flatten": ("flatten(x)", "ops.flatten(x)", [E]),
    "broadcast_to": ("broadcast_to(x, [B, 5, 4])", "ops.broadcast_to(x, (3, 5, 4))", [(3, 1, 4)]),
    "tile": ("tile(x, [1, 2])", "ops.tile(x, (1, 2))", [M]),
    "repeat_interleave": (
        "repeat_interleave(x, 2, axis = 1)",
        "ops.repeat_interleave(x, 2, 1)",
        [M],
    ),
    "roll": ("roll(x, 1, dims = 1)", "ops.concat([x[:, -1:], x[:, :-1]], 1)", [M]),
    "concat": ("concat([x, y], axis = 1)", "ops.concat([x, y], 1)", [M, (3, 2)]),
    "concat_images": ("concat([x, y], axis = 1)", "ops.concat([x, y], 1)", [E, E]),
    "stack": ("stack([x, y], axis = 1)", "ops.stack([x, y], 1)", [M, M]),
    "split": ("split(x, [1, 3], axis = 1)[1]", "ops.split(x, [1, 3], 1)[1]", [M]),
    "split_even": ("split(x, 2, axis = 1)[0] * 2", "ops.split(x, 2, 1)[0] * 2", [M]),
    "chunk": ("chunk(x, 3, axis = 1)[1]", "ops.chunk(x, 3, 1)[1]", [(2, 6)]),
    "unstack": ("unstack(x, axis = 1)[2]", "ops.unstack(x, 1)[2]", [M]),
    "pad": ("pad(x, [1, 2, 0, 3])", "ops.pad(x, [1, 2, 0, 3])", [E]),
    "pad_reflect": (
        'pad(x, [1, 2], mode = "reflect")',
        "ops.pad(x, [1, 2], 'reflect')",
        [(2, 3, 5)],
    ),
    "pad_replicate": (
        'pad(x, [2, 2], mode = "replicate")',
        "ops.pad(x, [2, 2], 'replicate')",
        [(2, 3, 5)],
    ),
    "tril": ("tril(x)", "ops.tril(x)", [(4, 4)]),
    "triu": ("triu(x, diagonal = 1)", "ops.triu(x, 1)", [(4, 4)]),
    "getitem": ("x[:, 0, 1:, -2]", "x[:, 0, 1:, -2]", [E]),
    "getitem_step": ("x[:, 0::2, none]", "x[:, 0::2, None]", [E]),
    "gather": (
        "gather(x, cast(abs(y) * 1.1, i32), 1)",
        "ops.gather(x, (ops.abs(y) * 1.1).astype(ms.int32), 1)",
        [M, (2,)],
    ),
    "gather_elements": (
        "gather_elements(x, 1, cast(abs(y) * 1.1, i32))",
        "ops.gather_elements(x, 1, (ops.abs(y) * 1.1).astype(ms.int32))",
        [M, (3, 2)],
    ),
    "one_hot": (
        "one_hot(cast(abs(x) * 1.5, i32), 5)",
        "ops.one_hot((ops.abs(x) * 1.5).astype(ms.int32), 5, 1.0, 0.0)",
        [M],
    ),
    "arange": ("x + cast(arange(0, 8, 2), f32)", "x + ops.arange(0, 8, 2).astype(ms.float32)", [M]),
}

V = (2, 3, 8)


def _whole(name, call):
    """A row of integers, whose result is of integers too."""
    ours = call.replace("(x", "(stop_gradient(cast(x * 3.0, i32))", 1)
    theirs = call.replace("(x", "(ops.stop_gradient((x * 3.0).astype(ms.int32))", 1)
    return {name: (f"cast({ours}, f32)", f"ops.{theirs}.astype(ms.float32)", [M])}


OPS |= {
    **_whole("trunc_whole", "trunc(x)"),
    **_whole("frac_whole", "frac(x)"),
    **_whole("hardtanh_whole", "hardtanh(x, -1.5, 2.5)"),
    **_whole("threshold_whole", "threshold(x, -0.5, 2.5)"),
    **_whole("leaky_relu_whole", "leaky_relu(x, 0.2)"),
    **_whole("leaky_relu_whole_steep", "leaky_relu(x, 2.5)"),
}

_POSITIVE = "abs(x) + 0.1"
_WITHIN = "tanh(x) * 0.9"

OPS |= {
    **alike("tan(x)", "atan(x)", "sinh(x)", "cosh(x)", "asinh(x)", "expm1(x)", "trunc(x)"),
    **alike("erfc(x)", "fast_gelu(x)", "tanhshrink(x)", "celu(x, 0.5)", "hardtanh(x, -0.5, 0.7)"),
    **alike("hardshrink(x, 0.4)", "softshrink(x, 0.4)", "softmin(x)", "threshold(x, 0.1, 2.0)"),
    **alike("glu(x)", "glu(x, 1)", shapes=[(2, 4, 6)]),
    **alike("atan2(x, y)", "fmod(x, y)", "hypot(x, y)", "lerp(x, y, 0.3)", shapes=[M, M]),
    **{
        word: (f"{word}({ours})", f"ops.{word}({theirs})", [M])
        for word, ours, theirs in (
            ("log2", _POSITIVE, "ops.abs(x) + 0.1"),
            ("log10", _POSITIVE, "ops.abs(x) + 0.1"),
            ("acosh", "abs(x) + 1.1", "ops.abs(x) + 1.1"),
            ("asin", _WITHIN, "ops.tanh(x) * 0.9"),
            ("acos", _WITHIN, "ops.tanh(x) * 0.9"),
            ("atanh", _WITHIN, "ops.tanh(x) * 0.9"),
        )
    },
    "xlogy": ("xlogy(x, abs(y) + 0.1)", "ops.xlogy(x, ops.abs(y) + 0.1)", [M, M]),
    **{
        word: (f"cast({word}(log(x)), f32)", f"ops.{word}(ops.log(x)).astype(ms.float32)", [M])
        for word in ("isnan", "isfinite")
    },
    "isinf": ("cast(isinf(x / 0.0), f32)", "ops.isinf(x / 0.0).astype(ms.float32)", [M]),
    "outer": ("outer(x, y)", "ops.outer(x, y)", [(3,), (4,)]),
    "full_like": ("full_like(x, 2.5)", "ops.full_like(x, 2.5)", [M]),
    "max": ("max(x, axis = 1)[0]", "ops.max(x, 1)[0]", [V]),
    "max_place": (
        "cast(max(x, axis = 1, keepdims = true)[1], f32)",
        "ops.max(x, 1, True)[1].astype(ms.float32)",
        [V],
    ),
    "min": ("min(x, axis = -1, keepdims = true)[0]", "ops.min(x, -1, True)[0]", [V]),
    "sort": ("sort(x, axis = 1)[0]", "ops.sort(x, 1)[0]", [V]),
    "sort_descending": ("sort(x, descending = true)[0]", "ops.sort(x, -1, True)[0]", [V]),
    "cumprod": ("cumprod(x, 1)", "ops.cumprod(x, 1)", [M]),
    "dense": ("dense(x, y, z)", "ops.dense(x, y, z)", [(2, 3, 4), (5, 4), (5,)]),
    "conv1d": ("conv1d(x, y, z)", "ops.conv1d(x, y, z)", [V, (4, 3, 3), (4,)]),
    "conv2d": ("conv2d(x, y)", "ops.conv2d(x, y)", [(2, 4, 9, 8), (6, 4, 3, 2)]),
    "conv2d_same": (
        'conv2d(x, y, z, stride = 2, pad_mode = "same", groups = 2)',
        "ops.conv2d(x, y, z, 2, 'same', 0, 1, 2)",
        [(2, 4, 9, 8), (6, 2, 3, 3), (6,)],
    ),
    "conv2d_pad": (
        'conv2d(x, y, pad_mode = "pad", padding = [1, 2], dilation = 2)',
        "ops.conv2d(x, y, None, 1, 'pad', (1, 2), 2)",
        [(2, 4, 9, 8), (6, 4, 3, 3)],
    ),
    "conv3d": ("conv3d(x, y)", "ops.conv3d(x, y)", [(2, 4, 5, 6, 7), (6, 4, 2, 3, 2)]),
    **alike("avg_pool1d(x, 3, 2)", "avg_pool1d(x, 3, 2, 1, true, false)", shapes=[(2, 4, 11)]),
    **alike(
        *("avg_pool2d(x, 2, 2)", "avg_pool2d(x, 3, 2, 1)", "max_pool2d(x, 3)"),
        *("avg_pool2d(x, 3, 2, 1, true, false)", "max_pool2d(x, 3, 2, 1)"),
        *("adaptive_max_pool2d(x, 3)", "pixel_shuffle(x, 2)", "channel_shuffle(x, 2)"),
        shapes=[(2, 4, 9, 8)],
    ),
    "adaptive_avg_pool2d": (
        "adaptive_avg_pool2d(x, [3, 4])",
        "ops.adaptive_avg_pool2d(x, (3, 4))",
        [(2, 4, 9, 8)],
    ),
    **alike("adaptive_avg_pool1d(x, 4)", "adaptive_max_pool1d(x, 4)", shapes=[(2, 4, 12)]),
    **alike(
        *("avg_pool3d(x, 2, 2)", "max_pool3d(x, 2, 2)", "adaptive_avg_pool3d(x, 2)"),
        shapes=[(2, 4, 5, 6, 7)],
    ),
    **alike("pixel_unshuffle(x, 2)", shapes=[(2, 3, 8, 6)]),
    "layer_norm": (
        "layer_norm(x, [4, 5], y, z)",
        "ops.LayerNorm(2, 2, 1e-5)(x, y, z)[0]",
        [E, (4, 5), (4, 5)],
    ),
    "group_norm": (
        "group_norm(x, 2, y, z, eps = 1e-3)",
        "ops.group_norm(x, 2, y, z, 1e-3)",
        [(2, 4, 3, 5), (4,), (4,)],
    ),
    # a bias that could lie along two axes
    "layer_norm_thin": (
        "layer_norm(x, [4, 1], y, z)",
        "ops.LayerNorm(2, 2, 1e-5)(x, y, z)[0]",
        [(2, 4, 4, 1), (4, 1), (4, 1)],
    ),
    "group_norm_square": (
        "group_norm(x, 2, y, z)",
        "ops.group_norm(x, 2, y, z)",
        [(2, 4, 3, 4), (4,), (4,)],
    ),
    "cosine_similarity": ("cosine_similarity(x, y)", "ops.cosine_similarity(x, y)", [V, V]),
    **alike("interpolate(x, size = 7)", shapes=[V]),
    "interpolate_bilinear": (
        'interpolate(x, size = [7, 9], mode = "bilinear")',
        "ops.interpolate(x, (7, 9), mode='bilinear')",
        [E],
    ),
    "interpolate_corners": (
        'interpolate(x, size = [7, 9], mode = "bilinear", align_corners = true)',
        "ops.interpolate(x, (7, 9), mode='bilinear', align_corners=True)",
        [E],
    ),
    "gather_nd": (
        "gather_nd(x, cast(abs(y), i32))",
        "ops.gather_nd(x, ops.abs(y).astype(ms.int32))",
        [(9, 9, 4), (3, 2)],
    ),
    "index_select": (
        "index_select(x, 1, cast(abs(y), i32))",
        "ops.index_select(x, 1, ops.abs(y).astype(ms.int32))",
        [(3, 9), (4,)],
    ),
    "tensor_scatter_update": (
        "tensor_scatter_update(x, tensor([[0], [2]], dtype = i32), y)",
        "ops.tensor_scatter_elements(x, ms.Tensor(np.tile([[0], [2]], (1, 4)), ms.int32), y)",
        [(5, 4), (2, 4)],
    ),
    "tensor_scatter_add": (
        "tensor_scatter_add(y, tensor([[0], [2], [0]], dtype = i32), z) * sum(x)",
        "ops.tensor_scatter_add(y, ms.Tensor([[0], [2], [0]], ms.int32), z) * x.sum()",
        [(2, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_elements_add": (
        'tensor_scatter_elements(x, cast(abs(y), i32), z, axis = 1, reduction = "add")',
        "ops.tensor_scatter_elements(x, ops.abs(y).astype(ms.int32), z, 1, 'add')",
        [(3, 9), (3, 4), (3, 4)],
    ),
}
OPS |= MORE_OPS | KINKS
