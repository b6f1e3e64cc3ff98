"""Rooms of ops: functions that ``construct`` may call."""
