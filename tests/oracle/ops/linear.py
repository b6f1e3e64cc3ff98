"""Rows of declspore/ops/linear.py: see the package."""

ROWS = {
    "matmul": ("x @ y", "ops.matmul(x, y)", [(2, 3, 4), (4, 5)]),
    "matmul_vector": ("matmul(x, y)", "ops.matmul(x, y)", [(2, 3, 4), (4,)]),
    "bmm": ("bmm(x, y)", "ops.bmm(x, y)", [(2, 3, 4), (2, 4, 5)]),
    "einsum": (
        'einsum("bij,bkj->bki", [x, y])',
        "ops.matmul(y, x.swapaxes(1, 2))",
        [(2, 3, 4), (2, 5, 4)],
    ),
    "bmm_deep": ("bmm(x, y)", "ops.bmm(x, y)", [(2, 3, 4, 5), (2, 3, 5, 2)]),
}
