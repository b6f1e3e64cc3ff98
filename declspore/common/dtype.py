"""``mindspore.common.dtype``: :mod:`declspore.dtype` under its older name."""

from declspore import dtype
from declspore.dtype import *  # noqa: F403

__all__ = dtype.__all__
__getattr__ = dtype.__getattr__
