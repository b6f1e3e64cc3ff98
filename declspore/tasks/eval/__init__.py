"""``eval``: metrics of a network over a dataset."""
