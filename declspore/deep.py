"""Room for what is long: chains of a thousand links are followed by functions that call themselves.

Depth is limited where text is nested (brackets, :mod:`declspore.syntax.parse`), not where it is
long: sums, pipes, declarations that use each other, imports.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_MOST_CALLS = 100_000
_STACK = 1 << 29
_deep = threading.local()


def deeply(work: Callable[[], T]) -> T:
    """What ``work`` returns. It is done again with more room where it calls itself too deeply.

    Raises what it raises, RecursionError where even that room does not suffice.
    """
    try:
        return work()
    except RecursionError:
        if getattr(_deep, "is_deep", False):
            raise
    return _with_room(work)


def _with_room(work: Callable[[], T]) -> T:
    """Do the work in a thread with a large stack."""
    found: list[T] = []
    raised: list[BaseException] = []

    def target() -> None:
        _deep.is_deep = True
        try:
            found.append(work())
        except BaseException as error:  # handed on to the caller
            raised.append(error)

    with _lock:
        calls, stack = sys.getrecursionlimit(), threading.stack_size(_STACK)
        sys.setrecursionlimit(max(calls, _MOST_CALLS))
        try:
            thread = threading.Thread(target=target, name="declspore-deep")
            thread.start()
            threading.stack_size(stack)
            thread.join()
        finally:
            sys.setrecursionlimit(calls)
    if raised:
        raise raised[0]
    return found[0]


_lock = threading.RLock()
