"""What an entry of the vocabulary must provide, and how it is found.

The vocabulary itself lives in rooms: the packages named in :data:`declspore.registry.table.ROOMS`,
one file per family, each with a constant ``KINDS``.
"""
