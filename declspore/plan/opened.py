"""Checkpoints that were opened for a plan, for the next plans to look at."""

from __future__ import annotations

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Checkpoint
from declspore.ir.term import Term
from declspore.plan.context import KnownFile
from declspore.plan.files import open_term


class OpenedHeaders:
    """Files by how specs name them: the header of one that stays as it is, is read once."""

    def __init__(self) -> None:
        self._known: dict[str, KnownFile] = {}

    def known(self, file: Term) -> KnownFile:
        """The file and its header. Raises DiagnosticError where it cannot be opened."""
        name = str(file)
        before = self._known.get(name)
        if before is None or before.again() is None:
            before = self._known[name] = _known(file, open_term(file))
        return before._replace(file=file)


def _known(file: Term, checkpoint: Checkpoint) -> KnownFile:
    storage = checkpoint.storage
    known = KnownFile(
        file,
        checkpoint.header,
        checkpoint.stamp,
        checkpoint.crc is not None,
        checkpoint.mode is not None,
        checkpoint if isinstance(storage, FileBytes) else None,
    )
    if isinstance(storage, FileBytes):
        storage.rest()
    else:
        checkpoint.close()
    return known
