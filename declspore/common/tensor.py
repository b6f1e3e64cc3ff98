"""``mindspore.common.tensor``: :class:`declspore.Tensor` under its older home."""

from declspore.tensor import Tensor

__all__ = ["Tensor"]
