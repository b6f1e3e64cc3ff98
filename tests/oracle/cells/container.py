"""Rows of declspore/cells/container.py: see the package."""

ROWS = {
    "sequence": (
        "SequentialCell(Conv2d(3, 4, 3), BatchNorm2d(4), Flatten(), Dense(288, 5))",
        "nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Dense(288, 5))",
        (2, 3, 9, 8),
    ),
}
