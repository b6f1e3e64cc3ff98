"""Methods of tensors that are ops of the vocabulary, for type checkers: see ``op_methods.pyi``.

They are found when they are asked for (:mod:`declspore.eager.methods`).
"""


class OpMethods:
    """Nothing of its own: the stub next to this file lists the methods."""
