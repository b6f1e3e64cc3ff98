"""Rows of declspore/cells/pad.py: see the package."""

ROWS = {
    "zero_pad_2d": ("ZeroPad2d([1, 2, 0, 3])", "nn.ZeroPad2d((1, 2, 0, 3))", (2, 4, 9, 8)),
    "zero_pad_1d": ("ZeroPad1d(2)", "nn.ConstantPad1d(2, 0.0)", (2, 4, 11)),
    "zero_pad_3d": ("ZeroPad3d(1)", "nn.ConstantPad3d(1, 0.0)", (2, 4, 5, 6, 7)),
    "constant_pad_1d": ("ConstantPad1d([1, 2], 0.5)", "nn.ConstantPad1d((1, 2), 0.5)", (2, 4, 11)),
    "constant_pad_2d": ("ConstantPad2d(1, -1.0)", "nn.ConstantPad2d(1, -1.0)", (2, 4, 9, 8)),
    "constant_pad_3d": (
        "ConstantPad3d([1, 0, 2, 1, 0, 1], 2.0)",
        "nn.ConstantPad3d((1, 0, 2, 1, 0, 1), 2.0)",
        (2, 4, 5, 6, 7),
    ),
    "reflection_pad_1d": ("ReflectionPad1d([1, 2])", "nn.ReflectionPad1d((1, 2))", (2, 4, 11)),
    "reflection_pad_2d": ("ReflectionPad2d(2)", "nn.ReflectionPad2d(2)", (2, 4, 9, 8)),
    "reflection_pad_3d": ("ReflectionPad3d(1)", "nn.ReflectionPad3d(1)", (2, 4, 5, 6, 7)),
    "replication_pad_1d": ("ReplicationPad1d([1, 2])", "nn.ReplicationPad1d((1, 2))", (2, 4, 11)),
    "replication_pad_2d": ("ReplicationPad2d(2)", "nn.ReplicationPad2d(2)", (2, 4, 9, 8)),
    "replication_pad_3d": ("ReplicationPad3d(1)", "nn.ReplicationPad3d(1)", (2, 4, 5, 6, 7)),
    "Pad([[0, 0], [0, 0], [1, 2], [2, 1]]) of 2x4x9x8": (
        "Pad([[0, 0], [0, 0], [1, 2], [2, 1]])",
        "nn.Pad(((0, 0), (0, 0), (1, 2), (2, 1)))",
        (2, 4, 9, 8),
    ),
    'Pad([[0, 0], [1, 0], [1, 2], [2, 1]], mode = "REFLECT") of 2x4x9x8': (
        'Pad([[0, 0], [1, 0], [1, 2], [2, 1]], mode = "REFLECT")',
        'nn.Pad(((0, 0), (1, 0), (1, 2), (2, 1)), mode="REFLECT")',
        (2, 4, 9, 8),
    ),
    'Pad([[0, 0], [0, 0], [1, 2], [2, 3]], mode = "SYMMETRIC") of 2x4x9x8': (
        'Pad([[0, 0], [0, 0], [1, 2], [2, 3]], mode = "SYMMETRIC")',
        'nn.Pad(((0, 0), (0, 0), (1, 2), (2, 3)), mode="SYMMETRIC")',
        (2, 4, 9, 8),
    ),
    "ReflectionPad2d([1, 2, 0, 3]) of 2x4x9x8": (
        "ReflectionPad2d([1, 2, 0, 3])",
        "nn.ReflectionPad2d((1, 2, 0, 3))",
        (2, 4, 9, 8),
    ),
    "ReplicationPad2d([1, 2, 0, 3]) of 2x4x9x8": (
        "ReplicationPad2d([1, 2, 0, 3])",
        "nn.ReplicationPad2d((1, 2, 0, 3))",
        (2, 4, 9, 8),
    ),
    "ReplicationPad2d([-1, 2, 1, -3]) of 2x4x9x8": (
        "ReplicationPad2d([-1, 2, 1, -3])",
        "nn.ReplicationPad2d((-1, 2, 1, -3))",
        (2, 4, 9, 8),
    ),
    "ConstantPad2d([-1, 2, 0, -3], 0.5) of 2x4x9x8": (
        "ConstantPad2d([-1, 2, 0, -3], 0.5)",
        "nn.ConstantPad2d((-1, 2, 0, -3), 0.5)",
        (2, 4, 9, 8),
    ),
    "ConstantPad3d([-1, 1, 2, -2, 0, -1], 0.5) of 2x4x5x6x7": (
        "ConstantPad3d([-1, 1, 2, -2, 0, -1], 0.5)",
        "nn.ConstantPad3d((-1, 1, 2, -2, 0, -1), 0.5)",
        (2, 4, 5, 6, 7),
    ),
}
