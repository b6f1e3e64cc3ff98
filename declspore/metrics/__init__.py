"""Rooms of metrics."""
