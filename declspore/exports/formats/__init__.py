"""Formats of exports: a format a file."""
