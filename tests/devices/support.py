"""Groups of ranks in threads of this process, over real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from declspore.devices.meeting import Seat, addresses_of, listen, meet
from declspore.devices.patience import Patience
from declspore.devices.ranks import Ranks


def in_group(
    size: int,
    work: Callable[[Ranks], Any],
    seconds: float = 20.0,
    patience: Patience | None = None,
) -> list[Any]:
    """What ``work`` returns, or the exception it raises, in each rank."""
    listeners = [listen(("127.0.0.1", 0)) for _ in range(size)]
    addresses = addresses_of(listeners)
    found: list[Any] = [None] * size

    def run(rank: int) -> None:
        mesh = meet(Seat(addresses, rank, "token"), listeners[rank], seconds, patience)
        try:
            found[rank] = work(Ranks(mesh))
            mesh.close()
        except Exception as error:
            found[rank] = error
            mesh.end()

    threads = [threading.Thread(target=run, args=(rank,), daemon=True) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
        assert not thread.is_alive()
    return found


def raised(found: Sequence[Any]) -> list[str]:
    return [f"{type(each).__name__}: {each}" for each in found if isinstance(each, Exception)]
