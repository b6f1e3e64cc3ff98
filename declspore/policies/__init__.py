"""The policies of training, one word a file. See :mod:`declspore.registry.policy`."""
