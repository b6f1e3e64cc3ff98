"""Records what MindSpore prints of the scripts: ``python -m tests.python.record_scripts``.

What was recorded stands beside the digest of the script that printed it, so that a script which
changed since is noticed without MindSpore.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.conftest import GOLDEN, mindspore_python
from tests.python import recording

SCRIPTS = Path(__file__).parent / "scripts"
RECORDED = SCRIPTS / "recorded.json"
NAMES = ["loading", "saving", "mnist", "resnet", "sharing", "tensors"]
NAMES += ["gan", "loop", "transfer"]


def recorded() -> dict[str, dict]:
    """By name, the digest of a script and the lines that MindSpore printed."""
    return json.loads(RECORDED.read_text())


def digest(name: str) -> str:
    """Of a script and of the network that some of them import."""
    return recording.digest_of(SCRIPTS / f"{each}.py" for each in (name, "lenet"))


def prepare(folder: Path) -> Path:
    """The folder, with the scripts and what they read."""
    for script in SCRIPTS.glob("*.py"):
        shutil.copy(script, folder)
    shutil.copy(GOLDEN / "lenet-1_5.ckpt", folder / "lenet.ckpt")
    _digits(folder / "MNIST")
    return folder


def _digits(folder: Path) -> None:
    """A small folder of MNIST's files, the same at every call."""
    folder.mkdir()
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (160, 28, 28), np.uint8)
    labels = draws.integers(0, 10, 160).astype(np.uint8)
    head = struct.pack(">4i", 0x803, 160, 28, 28)
    (folder / "train-images-idx3-ubyte").write_bytes(head + images.tobytes())
    (folder / "train-labels-idx1-ubyte").write_bytes(
        struct.pack(">2i", 0x801, 160) + labels.tobytes()
    )


def environment() -> dict[str, str]:
    """Of a run whose numbers are recorded."""
    return recording.environment(log_level=3)


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a script printed that ended well."""
    assert done.returncode == 0, done.stderr[-4000:]
    return [line for line in done.stdout.splitlines() if "WARNING" not in line]


def there(python: str, name: str, folder: Path) -> list[str]:
    """What MindSpore prints."""
    command, how = [python, f"{name}.py"], {"capture_output": True, "text": True, "timeout": 600}
    return lines(subprocess.run(command, cwd=folder, env=environment(), **how))


def _record(python: str) -> None:
    found = {}
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            printed = there(python, name, prepare(Path(folder)))
        found[name] = {"script": digest(name), "lines": printed}
    RECORDED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    oracle = mindspore_python()
    assert oracle is not None, "MindSpore is not installed; see CONTRIBUTING.md"
    _record(oracle)
