"""Methods of tensors that are ops of the vocabulary: see the stub next to this file."""


class OpMethods:
    """Nothing of its own: methods are found when they are asked for."""
