"""How large a picture is, read from the first bytes of its file before anything decodes it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Final

from declspore.datafile import Damaged

MOST_PIXELS: Final = 1 << 27
"""Of a picture, whose file may be a thousandth of its pixels: 402 MB of bytes."""

_MOST_SCANNED: Final = 1 << 33
"""Pixels of a JPEG times its scans. Each goes over the whole picture, and may have thirty bytes;
cameras write ten."""
_OTHER: Final = "it is not a BMP, GIF, JPEG, PNG, PNM, TIFF or WebP picture"


def check_size(data: bytes) -> None:
    """Whether a decoder may make room for what the bytes of a file state.

    Raises :class:`declspore.datafile.Damaged` where that is too much, where the file states no
    size, and where it is in none of the formats whose sizes are read here.
    """
    sizes = next((sizes for head, sizes in _FORMATS if data.startswith(head)), None)
    if sizes is None:
        raise Damaged(_OTHER)
    try:
        stated = sizes(data)
    except (struct.error, IndexError):
        raise Damaged("it ends before it states its size") from None
    if any(width <= 0 or height <= 0 for width, height in stated):
        raise Damaged("it states no size, or one of zero")
    if any(width * height > MOST_PIXELS for width, height in stated):
        raise Damaged(f"it has more than {MOST_PIXELS:,} pixels")


_Sizes = list[tuple[int, int]]
"""Widths and heights that a decoder makes room for; more than one where a file has several."""


def _png(data: bytes) -> _Sizes:
    return [struct.unpack_from(">II", data, 16)]


def _gif(data: bytes) -> _Sizes:
    return [struct.unpack_from("<HH", data, 6)]


def _bmp(data: bytes) -> _Sizes:
    (length,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if length == 12 else "<ii", data, 18)
    return [(width, abs(height))]  # rows from the top down have a negative height


_NUMBERS = re.compile(rb"P[1-6](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})\s")


def _pnm(data: bytes) -> _Sizes:
    found = _NUMBERS.match(data[:4096])
    return [(int(found[1]), int(found[2]))] if found else [(0, 0)]


_NOT_A_FRAME = {0xC4, 0xC8, 0xCC}
_OF_ONE_SCAN = {0xC0, 0xC1}
"""Frames that are not progressive, and not coded arithmetically."""
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}


def _jpeg(data: bytes) -> _Sizes:
    """Of every frame before the first scan (ITU-T T.81, B.2.2)."""
    found: _Sizes = []
    at, components, several = 2, 0, False
    while (at := data.find(b"\xff", at)) >= 0:
        marker = data[at + 1]
        if marker in (0x00, 0xFF):  # what fills up, or no marker
            at += 1
            continue
        if marker in (0xD9, 0xDA):
            # a scan of all components holds the whole picture
            several = several or data[at + 4] != components
            break
        at += 2
        if marker in _WITHOUT_LENGTH:
            continue
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_A_FRAME:
            height, width, components = struct.unpack_from(">HHB", data, at + 3)
            several = bool(found) or marker not in _OF_ONE_SCAN
            found.append((width, height))
        at += max(struct.unpack_from(">H", data, at)[0], 2)
    scans = data.count(b"\xff\xda") if several else 1
    if any(width * height * scans > _MOST_SCANNED for width, height in found):
        raise Damaged(f"it has {scans:,} scans, too many for its size")
    return found or [(0, 0)]


def _webp(data: bytes) -> _Sizes:
    kind = data[12:16]
    if data[8:12] != b"WEBP" or kind not in (b"VP8 ", b"VP8L", b"VP8X"):
        raise Damaged(_OTHER)
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return [(width, height)]
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return [((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)]
    width, height = struct.unpack_from("<HH", data, 26)
    return [(width & 0x3FFF, height & 0x3FFF)]


_WIDTH, _HEIGHT, _STRIP, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 278, 322, 323
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "B", 8: "H", 9: "I", 16: "Q", 17: "Q"}
"""By the numbers of their types. Those of signed ones are read as if they were not: too large."""


def _tiff(data: bytes) -> _Sizes:
    """Of the first directory (TIFF 6.0, and BigTIFF): the picture, and the tile that it is read by,
    which may be larger. Where a field is there twice the greater value counts."""
    order = "<" if data[:1] == b"I" else ">"
    if struct.unpack_from(order + "H", data, 2)[0] == 43:
        (start,) = struct.unpack_from(order + "Q", data, 8)
        count, head, field, room = "Q", 8, 20, 8
    else:
        (start,) = struct.unpack_from(order + "I", data, 4)
        count, head, field, room = "H", 2, 12, 4
    (fields,) = struct.unpack_from(order + count, data, start)
    found: dict[int, int] = {}
    for at in range(start + head, min(start + head + fields * field, len(data)), field):
        tag, kind = struct.unpack_from(order + "HH", data, at)
        if kind in _WHOLE_NUMBERS:
            number, place = order + _WHOLE_NUMBERS[kind], at + field - room
            if struct.calcsize(number) > room:  # the field says where its value is
                (place,) = struct.unpack_from(order + "I", data, place)
            found[tag] = max(found.get(tag, 0), *struct.unpack_from(number, data, place))
    width, height = found.get(_WIDTH, 0), found.get(_HEIGHT, 0)
    rows = found.get(_STRIP, height)
    strip = height if rows == 0xFFFFFFFF else max(rows, 1)
    tile = (found.get(_TILE_WIDTH, 1), found.get(_TILE_HEIGHT, 1))
    return [(width, height), (width, strip), tile]


_FORMATS: Final[tuple[tuple[bytes, Callable[[bytes], _Sizes]], ...]] = (
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    *((b"P%d" % kind, _pnm) for kind in range(1, 7)),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"II+\0", _tiff),
    (b"MM\0+", _tiff),
)
