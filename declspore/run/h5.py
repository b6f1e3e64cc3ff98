"""HDF5 files before Keras reads them: nothing but values that lie in the file itself.

An HDF5 file can name others: by links, by datasets whose bytes lie in any file of the system, and
by datasets that are put together of others'. Some versions of Keras follow one or another of them,
so that a file of weights from a stranger would read what its user can read. And a dataset can state
any shape without a byte after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from declspore.regular import open_regular
from declspore.run import errors

if TYPE_CHECKING:
    import h5py

SUFFIX, OLDER_SUFFIX = ".weights.h5", ".h5"
"""How Keras 3 has the names of files of weights end, and how Keras 2 had them."""
_MOST_OBJECTS = 1_000_000


def check_h5(path: str, most: int) -> None:
    """Walk every object of a file without reading a value.

    ``most`` bytes are those of the largest parameter there can be. Raises DiagnosticError where
    the file is no HDF5, refers to another one, or holds what no parameter can be.
    """
    import h5py

    try:
        os.close(open_regular(path))
        with h5py.File(path, "r") as file:
            reason = next(_faults(file, most), None)
    except OSError as error:
        raise errors.no_weights(path, error.strerror or _plain(error)) from None
    except Exception as error:  # h5py raises anything for a damaged file
        raise errors.no_weights(path, f"the file is damaged: {_plain(error)}") from None
    if reason is not None:
        raise errors.no_weights(path, reason)


def _faults(file: h5py.File, most: int) -> Iterator[str]:
    import h5py

    seen: set[tuple[int, int]] = set()
    groups = [file]
    while groups:
        group = groups.pop()
        for name in group:
            where = f"{group.name.rstrip('/')}/{name}"
            link = group.id.links.get_info(name.encode(errors="surrogateescape")).type
            if link != h5py.h5l.TYPE_HARD:
                yield f"`{where}` is a link{_to(group, name)}; weights lie in the file itself"
                return
            member = group[name]
            found = h5py.h5o.get_info(member.id)
            if (found.fileno, found.addr) in seen:
                continue
            seen.add((found.fileno, found.addr))
            if len(seen) > _MOST_OBJECTS:
                yield f"it has more than {_MOST_OBJECTS:,} objects"
                return
            if isinstance(member, h5py.Group):
                groups.append(member)
            elif isinstance(member, h5py.Dataset):
                yield from _of_dataset(member, where, most)


def _of_dataset(dataset: h5py.Dataset, where: str, most: int) -> Iterator[str]:
    if dataset.external:
        yield f"the values of `{where}` lie in another file, {dataset.external[0][0]!r}"
    elif dataset.is_virtual:
        yield f"the values of `{where}` are put together of other datasets"
    elif dataset.dtype.hasobject or dataset.dtype.names:
        yield f"`{where}` does not hold numbers"
    elif dataset.shape is None or dataset.size * dataset.dtype.itemsize > most:
        size = 0 if dataset.shape is None else dataset.size * dataset.dtype.itemsize
        yield f"`{where}` has {size:,} bytes, the largest parameter of the network {most:,}"


def _to(group: h5py.Group, name: str) -> str:
    import h5py

    link = group.get(name, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        return f" to the file {link.filename!r}"
    return ""


def _plain(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
