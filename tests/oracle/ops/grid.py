"""Rows of declspore/ops/grid.py: see the package."""

ROWS = {
    "meshgrid": (
        "meshgrid([y, z])[0] * sum(x)",
        "ops.meshgrid(y, z)[0] * x.sum()",
        [(2,), (3,), (4,)],
    ),
    "meshgrid_ij": (
        'meshgrid([y, z], indexing = "ij")[1] * sum(x)',
        "ops.meshgrid(y, z, indexing='ij')[1] * x.sum()",
        [(2,), (3,), (4,)],
    ),
}
