"""A process that times one library's work with checkpoint files, asked line by line.

It reads ``{"do": NAME, ...arguments}`` from standard input and answers with seconds, as JSON; run
by benchmarks/checkpoint.py with the Python that has the library. What is timed begins with files
in the page cache and ends with values in memory or a file written.
"""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEY = b"0123456789abcdef"
ADDED = "added.weight"
_held: dict[str, Any] = {}
"""Values that are saved later."""


def touch(data: Any, step: int = 1) -> None:
    """Look at every byte of an array, or at every ``step``-th."""
    import numpy as np

    np.maximum.reduce(data.reshape(-1).view(np.uint8)[::step], initial=0)


class Declspore:
    def __init__(self) -> None:
        # what declspore imports when it first needs it
        import ml_dtypes  # noqa: F401

        from declspore.checkpoint import format as pieces
        from declspore.checkpoint import reader, safetensors, values, writer
        from declspore.checkpoint.cipher import Key
        from declspore.plan import files

        self.open = files.open_any
        self.Access, self.key = reader.Access, Key(KEY, "the benchmark")
        self.Copied, self.Computed = pieces.Copied, pieces.Computed
        self.header, self.write = values.value_header, writer.write_checkpoint
        self.formats = {"ckpt": None, "safetensors": safetensors.SAFETENSORS}

    def index(self, file: str) -> None:
        with self.open(file, self.Access()) as opened:
            assert [(e.name, e.header.shape, e.header.dtype) for e in opened.entries]

    def views(self, file: str, threads: int = 1, step: int = 1) -> None:
        with self.open(file, self.Access()) as opened:
            arrays: dict[str, Any] = {}

            def look(first: int) -> None:
                for entry in opened.entries[first::threads]:
                    arrays[entry.name] = opened.array(entry.name)
                    touch(arrays[entry.name], step)

            others = [threading.Thread(target=look, args=(n,)) for n in range(1, threads)]
            for one in others:
                one.start()
            look(0)
            for one in others:
                one.join()
        assert len(arrays) == len(opened)

    def load(self, file: str, key: bool = False) -> None:
        access = self.Access(self.key) if key else self.Access()
        with self.open(file, access) as opened:
            _held["values"] = opened.load()

    def one(self, file: str, name: str) -> None:
        with self.open(file, self.Access()) as opened:
            opened.read(name)

    def save(self, file: str, durable: bool = False, **protection: bool) -> None:
        access = self.Access(
            self.key if protection.get("key") else None, crc=protection.get("crc", False)
        )
        pieces = [
            self.Computed(self.header(file, name, value), lambda value=value: value)
            for name, value in _held["values"].items()
        ]
        self.write(file, pieces, access=access, durable=durable)

    def save_safetensors(self, file: str) -> None:
        pieces = [
            self.Computed(self.header(file, name, value), lambda value=value: value)
            for name, value in _held["values"].items()
        ]
        self.write(file, pieces, format=self.formats["safetensors"], durable=False)

    def edit(self, file: str, to: str, durable: bool = False) -> None:
        import numpy as np

        value = np.zeros((10, 100), np.float32)
        with self.open(file, self.Access()) as opened:
            first, *rest = opened.entries
            pieces = [self.Copied(opened, entry, entry.name) for entry in rest]
            pieces[0] = self.Copied(opened, rest[0], f"renamed.{rest[0].name}")
            added = self.Computed(self.header(to, ADDED, value), lambda: value)
            self.write(to, [*pieces, added], durable=durable)
        del first

    def crc(self, file: str) -> None:
        with self.open(file, self.Access(crc=True)):
            pass


class MindSpore:
    def __init__(self) -> None:
        import mindspore

        mindspore.set_context(device_target="CPU")
        self.ms = mindspore
        # it refuses files larger than what is free, the page cache not counted
        mindspore.train.serialization._get_available_memory = lambda: 1 << 60  # noqa: SLF001

    def load(self, file: str, key: bool = False) -> None:
        protection = {"dec_key": KEY, "dec_mode": "AES-GCM"} if key else {}
        _held["values"] = self.ms.load_checkpoint(file, **protection)

    def one(self, file: str, name: str) -> None:
        self.ms.load_checkpoint(file, choice_func=lambda found: found == name)

    def save(self, file: str, key: bool = False, crc: bool = False) -> None:
        protection = {"enc_key": KEY, "enc_mode": "AES-GCM"} if key else {}
        values = [{"name": name, "data": value} for name, value in _held["values"].items()]
        self.ms.save_checkpoint(values, file, crc_check=crc, **protection)

    def edit(self, file: str, to: str) -> None:
        import numpy as np

        found = self.ms.load_checkpoint(file)
        names = list(found)
        del found[names[0]]
        found[f"renamed.{names[1]}"] = found.pop(names[1])
        found[ADDED] = self.ms.Parameter(np.zeros((10, 100), np.float32), name=ADDED)
        values = [{"name": name, "data": value} for name, value in found.items()]
        self.ms.save_checkpoint(values, to)


class Safetensors:
    def __init__(self) -> None:
        from safetensors import numpy, safe_open

        self.numpy, self.safe_open = numpy, safe_open

    def index(self, file: str) -> None:
        with self.safe_open(file, "np") as opened:
            assert [(name, opened.get_slice(name).get_shape()) for name in opened.keys()]  # noqa: SIM118

    def load(self, file: str) -> None:
        _held["values"] = self.numpy.load_file(file)

    def save(self, file: str) -> None:
        self.numpy.save_file(_held["values"], file)


class Memory:
    """Makes the machine's memory warm: under a virtual machine, what nobody used for two seconds
    may be taken back, and costs ten times as much to whoever touches it next. That of the page
    cache costs twice as much."""

    def touch(self, nbytes: int, files: list[str]) -> None:
        self._anew(nbytes)
        piece = memoryview(bytearray(1 << 20))
        for file in files:
            with open(file, "rb", buffering=0) as opened:
                while opened.readinto(piece):
                    pass

    def _anew(self, nbytes: int) -> None:
        import numpy as np

        free = int(Path("/proc/meminfo").read_text().partition("MemFree:")[2].split()[0]) * 1024
        large = 2 << 20
        size = min(nbytes, free * 8 // 10) // large * large  # more would empty the page cache
        if not size:
            return
        block = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        block.madvise(mmap.MADV_HUGEPAGE)
        np.frombuffer(block, np.uint8)[:: mmap.PAGESIZE] = 1


LIBRARIES = {
    "declspore": Declspore,
    "mindspore": MindSpore,
    "safetensors": Safetensors,
    "memory": Memory,
}


def forget() -> None:
    """Give memory back to the system, so that no other library lacks it."""
    _held.clear()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def peak() -> float:
    """The largest resident memory so far, in bytes (getrusage would begin with the parent's)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024.0


def main() -> None:
    library: Any = LIBRARIES[sys.argv[1]]()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not an answer
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked.pop("do")
        own: dict[str, Callable[[], float | None]] = {"peak": peak, "forget": forget}
        work = own[name] if name in own else getattr(library, name)
        gc.collect()
        start = time.perf_counter()
        found = work(**asked)
        taken = time.perf_counter() - start
        answers.write(json.dumps(taken if found is None else found) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
