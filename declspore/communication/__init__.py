"""``mindspore.communication`` for scripts that also run on one device: rank 0 of a group of 1.

Training on several devices is declared in a spec, or asked for on the command line
(``declspore run --workers``); :func:`init` is refused.
"""

from __future__ import annotations

from typing import Any, NoReturn

from declspore.porting.homes import alias
from declspore.porting.names import Unsupported, absent

__all__ = ["get_group_size", "get_local_rank", "get_local_rank_size", "get_rank", "init"]


def get_rank(group: str = "") -> int:
    """0: the script is the only process."""
    return 0


def get_local_rank(group: str = "") -> int:
    """0: the script is the only process."""
    return 0


def get_group_size(group: str = "") -> int:
    """1: the script is the only process."""
    return 1


def get_local_rank_size(group: str = "") -> int:
    """1: the script is the only process."""
    return 1


def init(backend_name: str | None = None) -> NoReturn:
    """Raises Unsupported."""
    raise Unsupported(
        "mindspore.communication.init",
        "scripts are one process; a spec's training runs on several by `declspore run --workers N`",
    )


_absent: Any = absent(__name__, lambda: __all__)


def __getattr__(name: str) -> Any:
    if name == "management":
        import sys

        return sys.modules[__name__]
    return _absent(name)


alias(__name__, ("management",))
