"""Rooms of queries: what ``ensure`` can ask about a checkpoint."""
