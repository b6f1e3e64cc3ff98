"""Rows of declspore/cells/dropout.py: see the package."""

ROWS = {
    "Dropout1d": ("Dropout1d(p = 0.3)", "nn.Dropout1d(p=0.3)", (2, 4, 12)),
    "Dropout2d": ("Dropout2d(p = 0.3)", "nn.Dropout2d(p=0.3)", (2, 4, 9, 8)),
    "Dropout3d": ("Dropout3d(p = 0.3)", "nn.Dropout3d(p=0.3)", (2, 4, 5, 6, 7)),
    "dropout_keep": ("Dropout(keep_prob = 0.8)", "nn.Dropout(keep_prob=0.8)", (3, 7)),
    "dropout": ("Dropout(p = 0.3)", "nn.Dropout(p=0.3)", (3, 7)),
}
