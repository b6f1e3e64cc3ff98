"""``export``: a network with the values of a checkpoint, as files for other runtimes."""
