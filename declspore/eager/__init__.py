"""MindSpore's way of writing networks in Python: ops on tensors, cells with ``construct``."""
