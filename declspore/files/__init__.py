"""Rooms of checkpoint files: what a spec may read from and write to."""
