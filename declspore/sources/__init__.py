"""Rooms of dataset sources, one file format a file."""
