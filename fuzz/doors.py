"""Bytes through the other doors: locks, weights, samples, sets, states, keys, and tables.

    python -m fuzz.doors DOOR [--seconds 3600] [--seed 0]

Good files are cut, repeated, overwritten and joined (as in fuzz/checkpoint.py). A door answers each
with a value or with its own kind of error. Any other exception ends the run, as does a file that
takes ten seconds of a processor (a watchdog) or wants much more memory than it has bytes
(RLIMIT_AS). The seconds of the run are those of a processor, too. It is one process that starts no
other. The file at fault lies where the run says, also where the process was killed by a signal.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import shutil
import struct
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from declspore import usercache
from declspore.checkpoint.keys import read_key
from declspore.datafile import Damaged, opened
from declspore.lock.read import lock_of
from declspore.npy import read_head
from declspore.syntax import tables
from fuzz import data, sets, watch
from fuzz.checkpoint import mutated
from fuzz.door import Door, answered

ROOM = 512 << 20


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
    return answered(lambda: lock_of(content, path))


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

    return answered(lambda: check_h5(path, 4096))


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

    return answered(read, Damaged)


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

    return answered(lambda: numpy_slices._stored(path), Unavailable)  # noqa: SLF001


def _heads() -> list[bytes]:
    found = []
    for content in _arrays():
        with tempfile.TemporaryFile() as file:
            file.write(content)
            with zipfile.ZipFile(file) as archive:
                found += [archive.read(name) for name in archive.namelist()]
    return found


def _npy(path: str) -> str:
    with open(path, "rb") as file:
        return answered(lambda: read_head(file), ValueError)


# ---- keys and tables


def _keys() -> list[bytes]:
    return [b"0123456789abcdef\n", b"hex:00112233445566778899aabbccddeeff\r\n", b"base64:AAAA\n"]


def _key(path: str) -> str:
    return answered(lambda: read_key(file=path))


def _tables() -> list[bytes]:
    return [json.dumps(tables._dumped(tables._made())).encode()]  # noqa: SLF001


def _kept(path: str) -> str:
    """The tables may raise anything but what ends a process: then they are made anew."""
    os.chmod(path, 0o600)
    return answered(lambda: tables._loaded(usercache._read(Path(path))), Exception)  # noqa: SLF001


DOORS = {
    "lock": Door(_locks, _lock),
    "h5": Door(_weights, _h5),
    "gz": Door(_idx, _gz, "images.gz"),
    "arrays": Door(_arrays, _slices, "arrays.npz"),
    "npy": Door(_heads, _npy),
    "key": Door(_keys, _key),
    "tables": Door(_tables, _kept),
    **data.DOORS,
    **sets.DOORS,
}


def run(name: str, seconds: float, seed: int, most: int | None = None) -> Counter[str]:
    """Try files until the time is over; how often each answer was given."""
    door, source = DOORS[name], random.Random(seed)
    corpus, found = door.seeds(), Counter[str]()
    folder = Path(tempfile.mkdtemp(prefix="declspore-fuzz-"))
    path = folder / door.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(corpus[0])
    door.answer(str(path))  # what is imported is no memory of a file
    budget = watch.Budget(seconds)
    try:
        with watch.watching():
            while budget.is_left and (most is None or found.total() < most):
                path.write_bytes(mutated(source, corpus))
                watch.begin()
                found[door.answer(str(path))] += 1
                watch.end()
    except BaseException:
        print(f"the file at fault is {path}", flush=True)
        raise
    shutil.rmtree(folder)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("door", choices=DOORS)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    run(options.door, 1, options.seed, most=5)
    watch.limit_memory(ROOM)
    found = run(options.door, options.seconds, options.seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers = ", ".join(f"{answer} {number:,}" for answer, number in found.most_common())
    print(f"{options.door}: {found.total():,} files, at most {peak:.0f} MB; {answers}")


if __name__ == "__main__":
    main()
