"""What an entry of the vocabulary must provide, and how it is found.

A family of words is a subclass of :class:`declspore.registry.kind.Kind` in one of these modules. It
names the room, a package of declspore, whose modules define its words in a constant ``KINDS``.
"""
