"""A page of pictures with their answers, in one file that needs no other.

Pictures are those that enter the network, each with its own smallest value as black and its largest
as white; the page says so. Of many samples the first are shown.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from html import escape
from typing import Any

from declspore.checkpoint.blockfile import BlockFile
from declspore.ir.tensors import Array
from declspore.registry.answer import AnswerColumn
from declspore.tasks.predict.writers import AnswerRows, TableFormat

SHOWN = 500
"""Samples on a page."""
_VALUES = 10
"""Values of a column that are listed."""

_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Answers</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark}
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
main{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr))}
article{border:1px solid #8886;border-radius:.5rem;overflow:hidden}
img{display:block;width:100%;height:12rem;object-fit:contain;background:#8882;image-rendering:auto}
img.small{image-rendering:pixelated}
h2{font-size:.8rem;font-weight:500;margin:.5rem .7rem 0;opacity:.7;overflow-wrap:anywhere}
table{border-collapse:collapse;width:calc(100% - 1.4rem);margin:.3rem .7rem .7rem}
table{font-variant-numeric:tabular-nums}
td{padding:.1rem 0;vertical-align:top;overflow-wrap:anywhere}
td+td{text-align:right;padding-left:.6rem}
.bar{display:block;height:.3rem;border-radius:.15rem;background:#3b82f6;margin-left:auto}
</style>
<h1>Answers</h1>
"""


class _Writer:
    def __init__(self, file: BlockFile, columns: Sequence[AnswerColumn]) -> None:
        self._file = file
        self._columns = columns
        self._count = 0
        self._put(_HEAD)
        self._put("<main>\n")

    def write(self, rows: AnswerRows) -> None:
        for index in range(min(rows.count, max(SHOWN - self._count, 0))):
            name = rows.files[index] if rows.files else f"sample {self._count + index}"
            self._put(f"<article>{_picture(rows.inputs, index)}<h2>{escape(name)}</h2><table>")
            for line in _lines(self._columns, rows, index):
                self._put(line)
            self._put("</table></article>\n")
        self._count += rows.count

    def finish(self) -> None:
        shown = min(self._count, SHOWN)
        of = (
            f"the first {shown:,} of {self._count:,} samples"
            if self._count > shown
            else (f"{shown:,} samples")
        )
        self._put(
            f"</main><p>{of}. Pictures are what enters the network: black is the smallest value of "
            "a picture, white the largest.</p></html>\n"
        )

    def close(self) -> None: ...

    def _put(self, text: str) -> None:
        self._file.write(text.encode())


def _lines(columns: Sequence[AnswerColumn], rows: AnswerRows, index: int) -> list[str]:
    """The rows of a sample's table; a column of scores that follows one of classes is drawn with
    it."""
    found, skipped = [], ""
    for column, after in zip(columns, (*columns[1:], None), strict=True):
        value = rows.columns[column.name][index]
        if column.name == skipped:
            continue
        scores = None
        if after is not None and after.name == f"{column.name}_score":
            scores, skipped = _flat(rows.columns[after.name][index]), after.name
        items = _flat(value)
        for place, item in enumerate(items[:_VALUES]):
            label = column.name if len(items) == 1 else f"{column.name} {place}"
            if scores is None:
                found.append(f"<tr><td>{escape(label)}<td>{escape(_shown(item))}")
                continue
            score = float(scores[place])
            width = round(100 * min(max(score, 0.0), 1.0))
            bar = f'<span class="bar" style="width:{width}%"></span>'
            found.append(f"<tr><td>{escape(_shown(item))}<td>{score:.4f}{bar}")
        if len(items) > _VALUES:
            found.append(f"<tr><td>{escape(column.name)}<td>and {len(items) - _VALUES:,} more")
    return found


def _flat(value: object) -> list[Any]:
    import numpy as np

    found: list[object] = np.asarray(value).reshape(-1).tolist()
    return found


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _picture(inputs: Sequence[Array], index: int) -> str:
    """The first input that is a picture [C, H, W] or [H, W, C], as an element of the page."""
    for entering in inputs:
        pixels = _pixels(entering[index])
        if pixels is not None:
            data = base64.b64encode(png(pixels)).decode()
            small = ' class="small"' if max(pixels.shape[:2]) <= 64 else ""
            return f'<img{small} alt="" src="data:image/png;base64,{data}">'
    return ""


def _pixels(value: Array) -> Array | None:
    """A picture as bytes [H, W, C], or None where it is something else."""
    import numpy as np

    if value.ndim != 3:
        return None
    if value.shape[0] in (1, 3):
        value = np.moveaxis(value, 0, -1)
    if value.shape[2] not in (1, 3):
        return None
    wide = np.asarray(value, dtype=np.float64)
    low, high = float(np.nanmin(wide)), float(np.nanmax(wide))
    if not np.isfinite([low, high]).all():
        return None
    scaled = (wide - low) * (255.0 / (high - low)) if high > low else np.zeros_like(wide)
    return np.nan_to_num(scaled).round().astype(np.uint8)


def png(pixels: Array) -> bytes:
    """Bytes [H, W, 1 or 3] as a PNG file (ISO/IEC 15948), without filters."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + pixels[row].tobytes() for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


FORMAT = TableFormat(".html", "a page of pictures with their answers", _Writer, shows=SHOWN)
