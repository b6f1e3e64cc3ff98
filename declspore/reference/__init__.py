"""The reference of the vocabulary, made from the registry: what `declspore docs` prints."""
