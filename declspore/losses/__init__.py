"""Rooms of losses."""
