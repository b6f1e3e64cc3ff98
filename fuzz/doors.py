"""Bytes through the other doors: locks, Keras's weights, samples, keys, and the parser's tables.

    python -m fuzz.doors DOOR [--seconds 3600] [--seed 0]

Good files are cut, repeated, overwritten and joined (as in fuzz/checkpoint.py). A door answers each
with a value or with its own kind of error. Any other exception ends the run, as does a file that
takes ten seconds (a watchdog) or wants much more memory than it has bytes (RLIMIT_AS). It is one
process that starts no other. The file at fault lies where the run says, also where the process
was killed by a signal.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import signal
import struct
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from declspore import kept
from declspore.checkpoint.keys import read_key
from declspore.datafile import Damaged, opened
from declspore.lock.read import lock_of
from declspore.npy import read_head
from declspore.report import DiagnosticError
from declspore.syntax import tables
from fuzz.checkpoint import mutated

SECONDS = 10
ROOM = 512 << 20
_WHOLE = "whole"


class Door(NamedTuple):
    """Good files, and what becomes of any: a word for the answer. It raises what no file may."""

    seeds: Callable[[], list[bytes]]
    answer: Callable[[str], str]


def _answered(read: Callable[[], object], *errors: type[Exception]) -> str:
    try:
        read()
    except DiagnosticError as error:
        return error.diagnostics[0].code
    except errors as error:
        return type(error).__name__
    return _WHOLE


# ---- locks


def _locks() -> list[bytes]:
    digest = "0" * 64
    tensors = {"a.b": {"dtype": "Float32", "shape": [2, 3], "sha256": digest, "blake3": digest}}
    file = {"name": "src", "path": "a.ckpt", "size": 7, "sha256": digest, "tensors": tensors}
    file["blake3"] = digest
    text = {"path": "own.spec", "sha256": digest, "blake3": digest}
    task = {"kind": "edit", "versions": {"numpy": "2"}, "inputs": [file], "outputs": [file]}
    found = []
    for version in (1, 2, 3):
        lock = {"lock": version, "spec": text, "imports": [text], "params": {"a": "1"}}
        found.append(json.dumps(lock | {"tasks": {"e": task | {"seed": 1}}}).encode())
    return found


def _lock(path: str) -> str:
    content = Path(path).read_bytes()
    return _answered(lambda: lock_of(content, path))


# ---- Keras's weights


def _weights() -> list[bytes]:
    import h5py

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for options in ({}, {"compression": 9, "chunks": (2, 2)}):
            path = Path(folder) / "seed.h5"
            with h5py.File(path, "w") as file:
                file.create_dataset("layers/dense/vars/0", data=np.ones((4, 4), "f4"), **options)
                file["layers/dense/vars/1"] = np.zeros(4, "f4")
                file["layers/dense"].attrs["name"] = "dense"
            found.append(path.read_bytes())
    return found


def _h5(path: str) -> str:
    from declspore.run.h5 import check_h5

    return _answered(lambda: check_h5(path, 4096))


# ---- samples


def _idx() -> list[bytes]:
    plain = struct.pack(">4i", 0x0803, 3, 28, 28) + bytes(range(256)) * 9 + bytes(48)
    return [
        gzip.compress(plain),
        gzip.compress(plain, 0),
        gzip.compress(b"") + gzip.compress(plain),
    ]


def _gz(path: str) -> str:
    def read() -> None:
        with opened(path) as file:
            _, count, height, width = struct.unpack(">4i", file.take(16))
            file.take(max(count, 0) * max(height, 0) * max(width, 0))
            file.end()

    return _answered(read, Damaged)


def _arrays() -> list[bytes]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.npz"
        for save in (np.savez, np.savez_compressed):
            save(path, x=np.ones((4, 8), np.float32), y=np.arange(4))
            found.append(path.read_bytes())
    return found


def _slices(path: str) -> str:
    from declspore.registry.data import Unavailable
    from declspore.sources import numpy_slices

    return _answered(lambda: numpy_slices._stored(path), Unavailable)  # noqa: SLF001


def _heads() -> list[bytes]:
    found = []
    for data in _arrays():
        with tempfile.TemporaryFile() as file:
            file.write(data)
            with zipfile.ZipFile(file) as archive:
                found += [archive.read(name) for name in archive.namelist()]
    return found


def _npy(path: str) -> str:
    with open(path, "rb") as file:
        return _answered(lambda: read_head(file), ValueError)


# ---- keys and tables


def _keys() -> list[bytes]:
    return [b"0123456789abcdef\n", b"hex:00112233445566778899aabbccddeeff\r\n", b"base64:AAAA\n"]


def _key(path: str) -> str:
    return _answered(lambda: read_key(file=path))


def _tables() -> list[bytes]:
    return [json.dumps(tables._dumped(tables._made())).encode()]  # noqa: SLF001


def _kept(path: str) -> str:
    """The tables may raise anything but what ends a process: then they are made anew."""
    os.chmod(path, 0o600)
    return _answered(lambda: tables._loaded(kept._read(Path(path))), Exception)  # noqa: SLF001


DOORS = {
    "lock": Door(_locks, _lock),
    "h5": Door(_weights, _h5),
    "gz": Door(_idx, _gz),
    "arrays": Door(_arrays, _slices),
    "npy": Door(_heads, _npy),
    "key": Door(_keys, _key),
    "tables": Door(_tables, _kept),
}


def _late(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} seconds")


def run(name: str, seconds: float, seed: int, most: int | None = None) -> Counter[str]:
    """Try files until the time is over; how often each answer was given."""
    door, source = DOORS[name], random.Random(seed)
    corpus, found = door.seeds(), Counter[str]()
    suffix = {"gz": ".gz", "arrays": ".npz"}.get(name, "")
    folder = Path(tempfile.mkdtemp(prefix="declspore-fuzz-"))
    path = folder / f"{name}-{seed}{suffix}"
    path.write_bytes(corpus[0])
    door.answer(str(path))  # what is imported is no memory of a file
    previous = signal.signal(signal.SIGALRM, _late)
    until = time.monotonic() + seconds
    count = 0
    try:
        while time.monotonic() < until and (most is None or count < most):
            path.write_bytes(mutated(source, corpus))
            signal.alarm(SECONDS)
            found[door.answer(str(path))] += 1
            signal.alarm(0)
            count += 1
    except BaseException:
        print(f"the file at fault is {path}", flush=True)
        raise
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
    path.unlink()
    folder.rmdir()
    return found


def limit_memory() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("door", choices=DOORS)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    run(options.door, 1, options.seed, most=5)
    limit_memory()
    found = run(options.door, options.seconds, options.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers = ", ".join(f"{answer} {number:,}" for answer, number in found.most_common())
    print(f"{options.door}: {found.total():,} files, at most {peak:.0f} MB; {answers}")


if __name__ == "__main__":
    main()
