"""What recorded runs of MindSpore and their runs here have in common."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def environment(log_level: int) -> dict[str, str]:
    """Of a run whose output is recorded, in which MindSpore logs from that level on (GLOG_v)."""
    given = {**os.environ, "GLOG_v": str(log_level), "ONEDNN_MAX_CPU_ISA": "AVX2"}
    given.pop("PYTHONPATH", None)
    return given


def digest_of(files: Iterable[Path]) -> str:
    """Of what several files hold, in their order."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
