"""Sharded checkpoints: many files that are one checkpoint, read and written by byte ranges."""
