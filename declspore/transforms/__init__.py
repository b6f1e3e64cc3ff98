"""Rooms of dataset transforms."""
