"""What a pipeline gives, as one picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from declspore.dataclass import dataclass
from declspore.ir.tensors import Array, Columns
from declspore.numerics.opencv import opencv
from declspore.registry.kind import Misfit

_EDGE = 160
_LINE = 20


@dataclass(frozen=True)
class Picture:
    """The bytes of a PNG, which a notebook displays."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"<picture, {len(self.png):,} bytes>"


def grid(
    given: Iterable[tuple[Columns, Columns]], names: Sequence[str], *, batched: bool, count: int
) -> bytes:
    """The first of some items, or of those of batches, with their labels, as the bytes of a PNG;
    ``names`` are those of classes.

    Numbers that are not bytes are stretched from the least to the greatest of all images shown.
    Raises Misfit where items are not images.
    """
    found: list[tuple[Array, Columns]] = []
    for data, labels in given:
        if isinstance(data, tuple):
            raise Misfit(f"it has {len(data)} columns of data; one is shown")
        found += _apart(data, labels) if batched else [(data, labels)]
        if len(found) >= count:
            break
    shown = list(islice(found, count))
    span = _span([image for image, _ in shown])
    tiles = [_tile(image, _caption(labels, names), span) for image, labels in shown]
    across = int(np.ceil(np.sqrt(len(tiles))))
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % across)
    rows = [np.hstack(tiles[i : i + across]) for i in range(0, len(tiles), across)]
    _, encoded = opencv().imencode(".png", np.vstack(rows)[..., ::-1])
    return bytes(encoded)


def _apart(data: Array, labels: Columns) -> list[tuple[Array, Columns]]:
    if isinstance(labels, tuple):
        return [(x, tuple(part[i] for part in labels)) for i, x in enumerate(data)]
    return list(zip(data, labels, strict=True))


def _caption(labels: Columns, names: Sequence[str]) -> str:
    several = labels if isinstance(labels, tuple) else (labels,)
    return ", ".join(_label(label, names) for label in several)


def _label(label: Array, names: Sequence[str]) -> str:
    value = np.asarray(label)
    if value.ndim == 1 and value.dtype.kind == "f":
        value = np.asarray(value.argmax())
    if value.ndim or value.dtype.kind not in "iuf":
        return ""
    number = int(value)
    return names[number] if number < len(names) else f"{value:g}"


def _span(images: Sequence[Array]) -> tuple[float, float]:
    """The least and the greatest number of images that are not bytes."""
    arrays = [np.asarray(image) for image in images]
    numbers = [x for x in arrays if x.dtype.kind in "biuf" and x.dtype != np.uint8 and x.size]
    lows, highs = ([float(part(x)) for x in numbers] for part in (np.nanmin, np.nanmax))
    return min(lows, default=0.0), max(highs, default=0.0)


def _tile(image: Array, caption: str, span: tuple[float, float]) -> Array:
    cv2 = opencv()
    image = np.asarray(image)
    if image.dtype == object or image.ndim != 3:
        raise Misfit("its items are not images [H, W, C] or [C, H, W]")
    if image.shape[2] not in (1, 3) and image.shape[0] in (1, 3):
        image = image.transpose(1, 2, 0)
    if image.shape[2] not in (1, 3):
        raise Misfit(f"its images have {image.shape[2]} channels; 1 or 3 are shown")
    if image.dtype != np.uint8:
        low, high = span
        image = ((image - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)
    scale = (_EDGE - 4) / max(image.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    size = tuple(max(round(edge * scale), 1) for edge in image.shape[1::-1])
    image = cv2.resize(np.ascontiguousarray(image), size, interpolation=method)
    image = image if image.ndim == 3 else image[..., None]
    tile = np.full((_EDGE + _LINE, _EDGE, 3), 255, np.uint8)
    top, left = (_EDGE - image.shape[0]) // 2, (_EDGE - image.shape[1]) // 2
    tile[top : top + image.shape[0], left : left + image.shape[1]] = image
    place = (4, _EDGE + _LINE - 6)
    return cv2.putText(tile, caption[:22], place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1)
