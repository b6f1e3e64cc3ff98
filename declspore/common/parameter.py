"""``mindspore.common.parameter``: :class:`declspore.Parameter` under its older home."""

from declspore.eager.cell import ParameterTuple
from declspore.tensor import Parameter

__all__ = ["Parameter", "ParameterTuple"]
