"""Rows of declspore/cells/embedding.py: see the package."""

ROWS = {
    "embedding": ("Embedding(20, 6)", "nn.Embedding(20, 6)", (3, 5), 20),
    "embedding_lookup": ("EmbeddingLookup(20, 6)", "nn.EmbeddingLookup(20, 6)", (3, 5), 20),
    "embedding_one_hot": (
        "Embedding(20, 6, use_one_hot = true)",
        "nn.Embedding(20, 6, True)",
        (3, 5),
        20,
    ),
    "embedding_padding": (
        "Embedding(20, 6, padding_idx = 3)",
        "nn.Embedding(20, 6, padding_idx=3)",
        (3, 5),
        20,
    ),
}
