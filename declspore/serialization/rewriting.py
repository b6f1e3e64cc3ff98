"""Checkpoints of one format as those of another."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from declspore.serialization.loading import load_checkpoint
from declspore.serialization.saving import save_checkpoint


def ckpt_to_safetensors(
    file_path: str | os.PathLike[str],
    save_path: str | os.PathLike[str] | None = None,
    name_map: Mapping[str, str] | None = None,
    file_name_regex: str | None = None,
    processes_num: int = 1,
) -> None:
    """Write checkpoints as safetensors: a file, or every ``.ckpt`` of a folder and its folders.

    Files are written next to their originals, or into ``save_path``. ``name_map`` gives parameters
    other names; ``file_name_regex`` says which files of a folder are meant. ``processes_num`` has
    no effect. Raises DiagnosticError, ValueError.
    """
    _rewrite(file_path, save_path, name_map, file_name_regex, ("ckpt", "safetensors"))


def safetensors_to_ckpt(
    file_path: str | os.PathLike[str],
    save_path: str | os.PathLike[str] | None = None,
    name_map: Mapping[str, str] | None = None,
    file_name_regex: str | None = None,
    processes_num: int = 1,
) -> None:
    """The reverse of :func:`ckpt_to_safetensors`."""
    _rewrite(file_path, save_path, name_map, file_name_regex, ("safetensors", "ckpt"))


def _rewrite(
    file_path: str | os.PathLike[str],
    save_path: str | os.PathLike[str] | None,
    name_map: Mapping[str, str] | None,
    pattern: str | None,
    formats: tuple[str, str],
) -> None:
    start, (old, new) = os.fspath(file_path), formats
    paths = _files_of(start, old, pattern) if os.path.isdir(start) else [start]
    if not paths:
        raise ValueError(f"{start} does not have a .{old} file")
    names = name_map or {}
    for path in paths:
        found = load_checkpoint(path, format=old)
        folder = os.path.dirname(path) if save_path is None else os.fspath(save_path)
        os.makedirs(folder or ".", exist_ok=True)
        stem = os.path.basename(path).removesuffix(f".{old}")
        renamed = {names.get(name, name): value for name, value in found.items()}
        save_checkpoint(renamed, os.path.join(folder, f"{stem}.{new}"), format=new)


def _files_of(folder: str, format: str, pattern: str | None) -> list[str]:
    return sorted(
        os.path.join(place, name)
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith(f".{format}") and (pattern is None or re.search(pattern, name))
    )
