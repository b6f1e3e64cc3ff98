"""MindSpore's API by name: what scripts may expect, and what they are told where it is absent."""
