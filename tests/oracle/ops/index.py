"""Rows of declspore/ops/index.py: see the package."""

ROWS = {
    "zeros_like": ("zeros_like(x)", "ops.zeros_like(x)", [(3, 4)]),
    "ones_like": ("ones_like(x)", "ops.ones_like(x)", [(3, 4)]),
    "getitem": ("x[:, 0, 1:, -2]", "x[:, 0, 1:, -2]", [(2, 3, 4, 5)]),
    "getitem_step": ("x[:, 0::2, none]", "x[:, 0::2, None]", [(2, 3, 4, 5)]),
    "gather": (
        "gather(x, cast(abs(y) * 1.1, i32), 1)",
        "ops.gather(x, (ops.abs(y) * 1.1).astype(ms.int32), 1)",
        [(3, 4), (2,)],
    ),
    "gather_elements": (
        "gather_elements(x, 1, cast(abs(y) * 1.1, i32))",
        "ops.gather_elements(x, 1, (ops.abs(y) * 1.1).astype(ms.int32))",
        [(3, 4), (3, 2)],
    ),
    "one_hot": (
        "one_hot(cast(abs(x) * 1.5, i32), 5)",
        "ops.one_hot((ops.abs(x) * 1.5).astype(ms.int32), 5, 1.0, 0.0)",
        [(3, 4)],
    ),
    "arange": (
        "x + cast(arange(0, 8, 2), f32)",
        "x + ops.arange(0, 8, 2).astype(ms.float32)",
        [(3, 4)],
    ),
    "gather_batch": (
        "gather(x, cast(abs(y) * 1.1, i32), 1, batch_dims = 1)",
        "ops.gather(x, (ops.abs(y) * 1.1).astype(ms.int32), 1, 1)",
        [(3, 6, 2), (3, 4)],
    ),
    "gather_elements_shorter": (
        "gather_elements(x, 1, cast(abs(y), i32))",
        "ops.gather_elements(x, 1, ops.abs(y).astype(ms.int32))",
        [(3, 9, 4), (3, 2, 3)],
    ),
    "size_of": ("x * cast(size_of(4), f32)", "x * ops.shape(x)[1]", [(3, 4)]),
}
