"""Rooms of learning-rate schedules."""
