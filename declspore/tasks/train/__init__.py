"""``train``: a network is trained, and checkpoints are saved on the way."""
