"""Rooms of tensor constructors: what ``add`` and ``set`` put into a checkpoint."""
