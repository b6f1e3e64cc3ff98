"""Rows of declspore/ops/combine.py: see the package."""

ROWS = {
    "tensor_scatter_max_rows": (
        "tensor_scatter_max(y, tensor([[0], [4], [2]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_max(y, ms.Tensor([[0], [4], [2]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_max_alone": (
        "tensor_scatter_max(y, tensor([[3]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_max(y, ms.Tensor([[3]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (1, 4)],
    ),
    "tensor_scatter_max_twice": (
        "tensor_scatter_max(y, tensor([[0], [2], [0]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_max(y, ms.Tensor([[0], [2], [0]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_max_elements": (
        "tensor_scatter_max(y, tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_max(y, ms.Tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (2, 2)],
    ),
    "tensor_scatter_min_rows": (
        "tensor_scatter_min(y, tensor([[0], [4], [2]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_min(y, ms.Tensor([[0], [4], [2]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_min_alone": (
        "tensor_scatter_min(y, tensor([[3]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_min(y, ms.Tensor([[3]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (1, 4)],
    ),
    "tensor_scatter_min_twice": (
        "tensor_scatter_min(y, tensor([[0], [2], [0]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_min(y, ms.Tensor([[0], [2], [0]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_min_elements": (
        "tensor_scatter_min(y, tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_min(y, ms.Tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (2, 2)],
    ),
    "tensor_scatter_mul_rows": (
        "tensor_scatter_mul(y, tensor([[0], [4], [2]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_mul(y, ms.Tensor([[0], [4], [2]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_mul_alone": (
        "tensor_scatter_mul(y, tensor([[3]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_mul(y, ms.Tensor([[3]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (1, 4)],
    ),
    "tensor_scatter_mul_twice": (
        "tensor_scatter_mul(y, tensor([[0], [2], [0]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_mul(y, ms.Tensor([[0], [2], [0]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_mul_elements": (
        "tensor_scatter_mul(y, tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_mul(y, ms.Tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (2, 2)],
    ),
    "tensor_scatter_div_rows": (
        "tensor_scatter_div(y, tensor([[0], [4], [2]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_div(y, ms.Tensor([[0], [4], [2]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_div_alone": (
        "tensor_scatter_div(y, tensor([[3]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_div(y, ms.Tensor([[3]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (1, 4)],
    ),
    "tensor_scatter_div_twice": (
        "tensor_scatter_div(y, tensor([[0], [2], [0]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_div(y, ms.Tensor([[0], [2], [0]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_div_elements": (
        "tensor_scatter_div(y, tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_div(y, ms.Tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (2, 2)],
    ),
    "tensor_scatter_sub_rows": (
        "tensor_scatter_sub(y, tensor([[0], [4], [2]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_sub(y, ms.Tensor([[0], [4], [2]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_sub_alone": (
        "tensor_scatter_sub(y, tensor([[3]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_sub(y, ms.Tensor([[3]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (1, 4)],
    ),
    "tensor_scatter_sub_twice": (
        "tensor_scatter_sub(y, tensor([[0], [2], [0]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_sub(y, ms.Tensor([[0], [2], [0]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (3, 4)],
    ),
    "tensor_scatter_sub_elements": (
        "tensor_scatter_sub(y, tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], dtype = i32), z) * sum(abs(x))",
        "ops.tensor_scatter_sub(y, ms.Tensor([[[0, 1], [2, 3]], [[1, 1], [4, 0]]], ms.int32), z) * ops.abs(x).sum()",
        [(7, 3), (5, 4), (2, 2)],
    ),
}
