"""MindSpore's API by name: what scripts may expect, and what is reported where it is absent."""
