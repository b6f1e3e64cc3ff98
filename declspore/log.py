"""``mindspore.log``: messages of scripts, through Python's ``logging``."""

from __future__ import annotations

import logging

from declspore.porting.names import absent

_LOGGER = logging.getLogger("declspore.scripts")

debug, info, warning = _LOGGER.debug, _LOGGER.info, _LOGGER.warning
error, critical = _LOGGER.error, _LOGGER.critical


def get_level() -> str:
    """The level as MindSpore numbers it: 0 debug, 1 info, 2 warning, 3 error, 4 critical."""
    return str(max(_LOGGER.getEffectiveLevel() // 10 - 1, 0))


__all__ = ["critical", "debug", "error", "get_level", "info", "warning"]
__getattr__ = absent("declspore.log", lambda: __all__)
