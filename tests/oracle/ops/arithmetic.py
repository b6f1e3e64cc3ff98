"""Rows of declspore/ops/arithmetic.py: see the package."""

ROWS = {
    "add": ("x + y", "x + y", [(2, 3, 4, 5), (1, 3, 1, 1)]),
    "sub": ("2 - x", "2 - x", [(3, 4)]),
    "mul": ("x * y * 3", "x * y * 3", [(3, 4), (4,)]),
    "div": ("x / (abs(y) + 1)", "x / (ops.abs(y) + 1)", [(3, 4), (3, 4)]),
    "add_half": ("cast(x, f16) + y", "x.astype(ms.float16) + y", [(3, 4), (3, 4)]),
    "mul_whole": (
        "cast(cast(stop_gradient(x) * 9.0, i32) * cast(stop_gradient(y) * 9.0, i64), f32)",
        "((ops.stop_gradient(x) * 9).astype(ms.int32) * (ops.stop_gradient(y) * 9).astype(ms.int64)).astype(ms.float32)",
        [(3, 4), (3, 4)],
    ),
    "add_truths": ("(x > 0) + y", "(x > 0) + y", [(3, 4), (3, 4)]),
}
