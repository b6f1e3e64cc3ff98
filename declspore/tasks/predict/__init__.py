"""``predict``: the outputs of a network for the samples of a dataset, written to a file."""
