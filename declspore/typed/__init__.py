"""The words of the vocabulary for type checkers; modules find them when they are asked for.

Each module has a stub next to it, which ``python -m tests.python.write_stubs`` writes, and nothing
else.
"""
