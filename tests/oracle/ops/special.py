"""Rows of declspore/ops/special.py: see the package."""

ROWS = {
    "frac_whole": (
        "cast(frac(stop_gradient(cast(x * 3.0, i32))), f32)",
        "ops.frac(ops.stop_gradient((x * 3.0).astype(ms.int32))).astype(ms.float32)",
        [(3, 4)],
    ),
    "stop_gradient(x)": ("stop_gradient(x)", "ops.stop_gradient(x)", [(3, 4)]),
    "exp2(x)": ("exp2(x)", "ops.exp2(x)", [(3, 4)]),
    "frac(x)": ("frac(x)", "ops.frac(x)", [(3, 4)]),
    "deg2rad(x)": ("deg2rad(x)", "ops.deg2rad(x)", [(3, 4)]),
    "rad2deg(x)": ("rad2deg(x)", "ops.rad2deg(x)", [(3, 4)]),
    "sinc(x)": ("sinc(x)", "ops.sinc(x)", [(3, 4)]),
    "nan_to_num(x)": ("nan_to_num(x)", "ops.nan_to_num(x)", [(3, 4)]),
    "clip_by_norm(x, 0.5)": ("clip_by_norm(x, 0.5)", "ops.clip_by_norm(x, 0.5)", [(3, 4)]),
    "clip_by_norm(x, 50.0, 1.0)": (
        "clip_by_norm(x, 50.0, 1.0)",
        "ops.clip_by_norm(x, 50.0, 1.0)",
        [(3, 4)],
    ),
    "erfinv": ("erfinv(tanh(x) * 0.9)", "ops.erfinv(ops.tanh(x) * 0.9)", [(3, 4)]),
    "logit": ("logit(sigmoid(x))", "ops.logit(ops.sigmoid(x))", [(3, 4)]),
    "logit_eps": ("logit(sigmoid(x), eps = 0.3)", "ops.logit(ops.sigmoid(x), 0.3)", [(3, 4)]),
    "logaddexp(x, y)": ("logaddexp(x, y)", "ops.logaddexp(x, y)", [(3, 4), (3, 4)]),
    "logaddexp2(x, y)": ("logaddexp2(x, y)", "ops.logaddexp2(x, y)", [(3, 4), (3, 4)]),
    "copysign(x, y)": ("copysign(x, y)", "ops.copysign(x, y)", [(3, 4), (3, 4)]),
    "addcmul": ("addcmul(x, y, z, 0.5)", "ops.addcmul(x, y, z, 0.5)", [(3, 4), (3, 4), (4,)]),
    "addcdiv": ("addcdiv(x, y, z, 0.5)", "ops.addcdiv(x, y, z, 0.5)", [(3, 4), (3, 4), (3, 4)]),
    "isclose": (
        "cast(isclose(x, y, rtol = 0.5, atol = 0.1), f32)",
        "ops.isclose(x, y, 0.5, 0.1).astype(ms.float32)",
        [(3, 4), (3, 4)],
    ),
    "count_nonzero": (
        "cast(count_nonzero(relu(x), axis = 1, keep_dims = true), f32)",
        "ops.count_nonzero(ops.relu(x), 1, True).astype(ms.float32)",
        [(3, 4)],
    ),
    "logaddexp_of_equal": (
        "logaddexp(x, stop_gradient(x))",
        "ops.logaddexp(x, ops.stop_gradient(x))",
        [(3, 4)],
    ),
    "logaddexp2_of_equal": (
        "logaddexp2(x, stop_gradient(x))",
        "ops.logaddexp2(x, ops.stop_gradient(x))",
        [(3, 4)],
    ),
}
