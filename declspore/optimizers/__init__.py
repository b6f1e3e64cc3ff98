"""Rooms of optimizers, one a file."""
