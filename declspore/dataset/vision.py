"""``mindspore.dataset.vision``: what is not here is refused by name."""

from declspore.porting.names import absent

__getattr__ = absent(__name__)
