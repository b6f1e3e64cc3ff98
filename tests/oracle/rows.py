"""Rows of MindRecord files: the schema, a function that makes the rows, and how many files."""

import numpy as np

EDGES = [0, -1, 127, 128, -128, -129, 32767, 32768, -40000, 2**31 - 1]


def _every_type():
    generator = np.random.Generator(np.random.Philox(3))
    return [
        {
            "label": i - 3,
            "single": i / 3,
            "double": i / 3,
            "large": (i - 2) * 10**12,
            "name": f"n{i}\u00e4",
            "image": bytes([i]) * (i * 300 + 1),
            "ids": np.roll(np.array(EDGES, np.int32), i),
            "table": (np.arange(6).reshape(2, 3) * 10 ** (i % 18)) * (-1) ** i,
            "values": generator.normal(size=4).astype(np.float32),
        }
        for i in range(40)
    ]


FILES = {
    "every_type.mindrecord": (
        {
            "label": {"type": "int32"},
            "single": {"type": "float32"},
            "double": {"type": "float64"},
            "large": {"type": "int64"},
            "name": {"type": "string"},
            "image": {"type": "bytes"},
            "ids": {"type": "int32", "shape": [-1]},
            "table": {"type": "int64", "shape": [2, 3]},
            "values": {"type": "float32", "shape": [4]},
        },
        _every_type,
        2,
    ),
    "scalars.mindrecord": (
        {"x": {"type": "float32"}, "y": {"type": "int32"}},
        lambda: [{"x": i * 0.5, "y": i * 1000} for i in range(3000)],
        1,
    ),
    "one_blob.mindrecord": (
        {"file": {"type": "string"}, "data": {"type": "bytes"}},
        lambda: [{"file": str(i), "data": b"abc" * i + b"z"} for i in range(5)],
        1,
    ),
}
