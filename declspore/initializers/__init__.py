"""Rooms of initializers."""
