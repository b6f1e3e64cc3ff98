"""``edit``: entries of checkpoints are renamed, deleted, computed, and written to new files."""
