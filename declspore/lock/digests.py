"""Digests taken in the background, of every file once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Checkpoint, Hash
from declspore.checkpoint.sharding.sets import ShardedCheckpoint
from declspore.lock import errors
from declspore.lock.digest import (
    FileDigest,
    Known,
    digest_checkpoint,
    digest_open,
    digest_set,
    file_of,
    sha256_open,
    sha256_set,
)
from declspore.lock.taken import taken_over
from declspore.report import DiagnosticError

_FILES_AT_ONCE = 2

_MOST_WAITING = 8
"""Files that wait for their digests stay open."""

Key = tuple[int, int, int, int, bool]


class Digests:
    """A file that stays as it is, is read once, by whatever names it is asked for."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._known: dict[Key, Future[FileDigest]] = {}
        self._waiting: deque[Future[FileDigest]] = deque()

    def of(self, checkpoint: Checkpoint) -> Future[FileDigest]:
        """The digest of an open checkpoint, with those of its tensors. Those that it has from
        files whose digests are taken are not taken again."""
        if isinstance(checkpoint, ShardedCheckpoint):
            return self._set(checkpoint)
        file = file_of(checkpoint)
        copied = self._copied(checkpoint)
        return self._take(file, lambda: digest_checkpoint(checkpoint, copied()), tensors=True)

    def whole(self, checkpoint: Checkpoint) -> Future[FileDigest]:
        """The digest of an open checkpoint; that of a single file without those of its tensors."""
        if isinstance(checkpoint, ShardedCheckpoint):
            return self._set(checkpoint)
        return self._whole(file_of(checkpoint), checkpoint.hash)

    def sha256(self, checkpoint: Checkpoint) -> str:
        """The SHA-256 of an open checkpoint, which specs may state. Raises DiagnosticError."""
        if isinstance(checkpoint, ShardedCheckpoint):
            return sha256_set(checkpoint)
        return sha256_open(file_of(checkpoint))

    def of_file(self, path: str) -> Future[FileDigest]:
        """The digest of a file of any kind. Raises DiagnosticError where it cannot be opened."""
        return self._whole(FileBytes(path))

    def settle(self) -> None:
        """Take what is to be taken; then no thread is left, and the process may be forked."""
        if self._pool is not None:
            self._pool.shutdown()
        self._pool = None

    def close(self) -> None:
        """Wait for nothing that has not begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def _set(self, checkpoint: ShardedCheckpoint) -> Future[FileDigest]:
        """The digest of a set, taken at once: a set that is written is in its place only later."""
        key = (*checkpoint.stamp, True)
        if key not in self._known:
            future: Future[FileDigest] = Future()
            try:
                future.set_result(digest_set(checkpoint))
            except DiagnosticError as error:
                future.set_exception(error)
            self._known[key] = future
        return self._known[key]

    def _copied(self, checkpoint: Checkpoint) -> Callable[[], Known | None]:
        """The digests of what was copied from files that are as they were when theirs were asked
        for; earlier work gives them, so that waiting for it ends."""
        if checkpoint.copies is None:
            return lambda: None
        stamps = [(source, (*source.stamp, True)) for source in checkpoint.copies.sources]

        def found() -> Known:
            assert checkpoint.copies is not None
            tables = {
                id(source): self._known[stamp].result().tensors
                for source, stamp in stamps
                if stamp in self._known and (*source.stamp, True) == stamp
            }
            return taken_over(checkpoint, tables)

        return found

    def _whole(self, file: FileBytes, hash: Hash | None = None) -> Future[FileDigest]:
        def computed() -> FileDigest:
            return FileDigest(file.size, digest_open(file) if hash is None else hash.hexdigest())

        return self._take(file, computed, tensors=False)

    def _take(
        self, file: FileBytes, compute: Callable[[], FileDigest], *, tensors: bool
    ) -> Future[FileDigest]:
        key = (*file.stamp, tensors)
        if key not in self._known:

            def computed() -> FileDigest:
                digest = compute()
                if (*file.stamp, tensors) != key:
                    raise errors.changed_meanwhile(file.path)
                return digest

            if self._pool is None:
                self._pool = ThreadPoolExecutor(_FILES_AT_ONCE)
            self._waiting.append(self._pool.submit(computed))
            self._known[key] = self._waiting[-1]
            if len(self._waiting) > _MOST_WAITING:
                wait([self._waiting.popleft()])
        return self._known[key]
