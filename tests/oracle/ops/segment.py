"""Rows of declspore/ops/segment.py: see the package."""

ROWS = {
    "unsorted_segment_sum": (
        "unsorted_segment_sum(y, tensor([0, 1, 0], dtype = i32), 2) * sum(x)",
        "ops.unsorted_segment_sum(y, ms.Tensor([0, 1, 0], ms.int32), 2) * x.sum()",
        [(2,), (3, 4)],
    ),
    "unsorted_segment_max": (
        "unsorted_segment_max(y, tensor([0, 1, 0], dtype = i32), 2) * sum(x)",
        "ops.unsorted_segment_max(y, ms.Tensor([0, 1, 0], ms.int32), 2) * x.sum()",
        [(2,), (3, 4)],
    ),
    "unsorted_segment_min": (
        "unsorted_segment_min(y, tensor([0, 1, 0], dtype = i32), 2) * sum(x)",
        "ops.unsorted_segment_min(y, ms.Tensor([0, 1, 0], ms.int32), 2) * x.sum()",
        [(2,), (3, 4)],
    ),
    "index_add": (
        "index_add(x, tensor([0, 4, 0], dtype = i32), y, 1)",
        "ops.tensor_scatter_elements(x, ops.tile(ms.Tensor([0, 4, 0], ms.int32), (3, 1)), y, 1, 'add')",
        [(3, 5), (3, 3)],
    ),
    "index_fill": (
        "index_fill(x, 1, tensor([0, 2], dtype = i32), 0.5)",
        "ops.index_fill(x, 1, ms.Tensor([0, 2], ms.int32), 0.5)",
        [(3, 4)],
    ),
    "reverse_sequence": (
        "reverse_sequence(x, tensor([2, 4, 1], dtype = i32), 2, 1)",
        "ops.reverse_sequence(x, ms.Tensor([2, 4, 1], ms.int32), 2, 1)",
        [(2, 3, 4)],
    ),
    "sequence_mask": (
        "cast(sequence_mask(tensor([1, 4, 0], dtype = i32), 4), f32) * y * sum(x)",
        "ops.sequence_mask(ms.Tensor([1, 4, 0], ms.int32), 4).astype(ms.float32) * y * x.sum()",
        [(2,), (3, 4)],
    ),
    "scatter_nd": (
        "scatter_nd(tensor([[0], [2], [0]], dtype = i32), y, [5, 4]) * sum(x)",
        "ops.scatter_nd(ms.Tensor([[0], [2], [0]], ms.int32), y, (5, 4)) * x.sum()",
        [(2,), (3, 4)],
    ),
    "index_fill_from_end": (
        "index_fill(x, 1, tensor([0, -1], dtype = i32), 0.5)",
        "ops.index_fill(x, 1, ms.Tensor([0, -1], ms.int32), 0.5)",
        [(3, 4)],
    ),
}
