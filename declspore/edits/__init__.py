"""Rooms of edit verbs, one a file."""
