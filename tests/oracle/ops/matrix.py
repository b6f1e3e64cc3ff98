"""Rows of declspore/ops/matrix.py: see the package."""

ROWS = {
    "addmm(x, y, z)": ("addmm(x, y, z)", "ops.addmm(x, y, z)", [(3, 5), (3, 4), (4, 5)]),
    "addmm_scaled": (
        "addmm(x, y, z, beta = 0.5, alpha = 2.0)",
        "ops.addmm(x, y, z, beta=0.5, alpha=2)",
        [(3, 5), (3, 4), (4, 5)],
    ),
    "baddbmm(x, y, z)": (
        "baddbmm(x, y, z)",
        "ops.baddbmm(x, y, z)",
        [(2, 3, 5), (2, 3, 4), (2, 4, 5)],
    ),
    "tensor_dot": ("tensor_dot(x, y, 1)", "ops.tensor_dot(x, y, 1)", [(2, 3, 4), (4, 5)]),
    "tensor_dot_pairs": (
        "tensor_dot(x, y, [[1, 2], [1, 0]])",
        "ops.tensor_dot(x, y, ((1, 2), (1, 0)))",
        [(2, 3, 4), (4, 3, 5)],
    ),
    "kron(x, y)": ("kron(x, y)", "ops.kron(x, y)", [(2, 3), (4, 5)]),
    "cross(x, y, 1)": ("cross(x, y, 1)", "ops.cross(x, y, 1)", [(2, 3, 4), (2, 3, 4)]),
    "diagonal": ("diagonal(x, 1, 1, 2)", "ops.diagonal(x, 1, 1, 2)", [(2, 4, 5)]),
    "diagonal_below": ("diagonal(x, -2, 1, 2)", "ops.diagonal(x, -2, 1, 2)", [(2, 5, 4)]),
    "diag_embed": ("diag_embed(x)", "ops.diag_embed(x)", [(3, 4)]),
    "diag_embed_above": ("diag_embed(x, 2)", "ops.diag_embed(x, 2)", [(3, 4)]),
    "diag_embed_below": ("diag_embed(x, -1)", "ops.diag_embed(x, -1)", [(3, 4)]),
    "diag": ("diag(y) * sum(x)", "ops.diag(y) * x.sum()", [(2,), (4,)]),
    "trace": ("trace(x[0]) * x", "ops.trace(x[0]) * x", [(2, 4, 4)]),
    "inverse": ("inverse(x)", "ops.inverse(x)", [(2, 3, 3)]),
    "det": ("det(x)", "ops.det(x)", [(2, 3, 3)]),
    "cholesky_upper": (
        "cholesky(x @ swapaxes(x, 1, 2) + eye(3), upper = true)",
        "ops.cholesky(ops.matmul(x, x.swapaxes(1, 2)) + ops.eye(3, 3, ms.float32), True)",
        [(2, 3, 4)],
    ),
    "cholesky": (
        "cholesky(x @ swapaxes(x, 1, 2) + eye(3))",
        "ops.cholesky(ops.matmul(x, x.swapaxes(1, 2)) + ops.eye(3, 3, ms.float32))",
        [(2, 3, 3)],
    ),
    "diag_embed(x, 1, 0, 2)": ("diag_embed(x, 1, 0, 2)", "ops.diag_embed(x, 1, 0, 2)", [(3, 4)]),
    "cross(x, y)": ("cross(x, y)", "ops.cross(x, y)", [(2, 3, 3), (2, 3, 3)]),
}
