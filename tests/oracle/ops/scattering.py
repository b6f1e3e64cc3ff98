"""Rows of declspore/ops/scattering.py: see the package."""

ROWS = {
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
    "tensor_scatter_elements_from_end": (
        'tensor_scatter_elements(x, tensor([[-1, 1]], dtype = i32) + cast(y * 0.0, i32), y, axis = 1, reduction = "add")',
        "ops.tensor_scatter_elements(x, ms.Tensor([[-1, 1]] * 3, ms.int32), y, 1, 'add')",
        [(3, 4), (3, 2)],
    ),
}
