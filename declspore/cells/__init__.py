"""Rooms of cells, one family a file."""
