"""Pictures: room is made for no more than what their formats state, read before decoding, whoever
loaded OpenCV first."""

import io
import struct
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from declspore.datafile import Damaged
from declspore.numerics.opencv import decoded
from declspore.numerics.picture_sizes import check_size
from declspore.registry.data import Unavailable
from tests.attacks.test_sources import little_memory, png, read, sparse

MANY = "more than 134,217,728 pixels"


def gif(width, height):
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 4, 0) + b"\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame + b"\x3b"


def bmp(width, height):
    head = struct.pack("<IiiHHIIIIII", 40, width, height, 1, 8, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1100, 0, 0, 54) + head + bytes(1100)


def jpeg(width, height):
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG")
    at = data.getvalue().index(b"\xff\xc0")
    size = struct.pack(">HH", height, width)
    return data.getvalue()[: at + 5] + size + data.getvalue()[at + 9 :]


def webp(width, height, kind=b"VP8X"):
    match kind:
        case b"VP8X":
            side = [(edge - 1).to_bytes(3, "little") for edge in (width, height)]
            part = bytes(4) + b"".join(side)
        case b"VP8L":
            part = b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14)
        case _:
            part = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    body = b"WEBP" + kind + struct.pack("<I", len(part)) + part
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(width, height, *others):
    fields = [(256, 4, width), (257, 4, height), (258, 3, 8), (262, 3, 1), (273, 4, 300)]
    fields += [(277, 3, 1), (279, 4, 64), *others]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    return b"II*\0" + struct.pack("<IH", 8, len(fields)) + entries + bytes(4096)


def big_tiff(width, height):
    entries = struct.pack("<HHQQ", 256, 16, 1, width) + struct.pack("<HHQQ", 257, 16, 1, height)
    return b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 2) + entries + bytes(64)


@pytest.mark.parametrize(
    "data",
    [
        gif(65535, 65535),
        bmp(20_000, 20_000),
        bmp(20_000, -20_000),
        jpeg(65_500, 65_500),
        png(12_000, 12_000),
        webp(1 << 23, 1 << 23),
        webp(16_384, 16_384, b"VP8L"),
        webp(16_383, 16_383, b"VP8 "),
        tiff(1 << 31, 1 << 31),
        tiff(8, 8, (322, 4, 32_000), (323, 4, 32_000)),  # the tile that it is read by
        tiff(8, 8, (278, 4, 1 << 31)),  # rows of a strip
        tiff(8, 8, (256, 4, 1 << 30)),  # a second width
        big_tiff(1 << 40, 8),
        b"P6 # a comment\n#\n200000 200000 255\n" + bytes(64),
    ],
    ids=lambda data: repr(data[:4]),
)
def test_more_than_a_decoder_may_make_room_for(data):
    with little_memory(50), pytest.raises(Damaged, match=MANY):
        decoded(data)


@pytest.mark.parametrize(
    "data",
    [gif(0, 4), bmp(4, 0), jpeg(0, 0), png(0, 0), tiff(0, 4), b"\xff\xd8\xff\xd9", b"BM\0\0"],
    ids=lambda data: repr(data[:4]),
)
def test_no_size(data):
    with pytest.raises(Damaged, match=r"size|ends"):
        decoded(data)


def encoded(picture, format, **options):
    data = io.BytesIO()
    picture.save(data, format, **options)
    return data.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (300, 40)])
@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": b"Exif\0\0\xff\xc0\0\x0b\x08\xff\xff\xff\xff"}),
        ("PNG", {}),
        ("BMP", {}),
        ("GIF", {}),
        ("PPM", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0"}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"big_tiff": True}),
    ],
    ids=repr,
)
def test_pictures_that_are_well_stay(size, format, options):
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    data = encoded(Image.fromarray(noise), format, **options)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    np.testing.assert_array_equal(decoded(data), expected)
    assert expected.shape == (*size, 3)


def test_other_formats_are_named():
    _, data = cv2.imencode(".hdr", np.zeros((8, 8, 3), np.float32))
    with pytest.raises(Damaged, match="not a BMP, GIF, JPEG, PNG, PNM, TIFF or WebP"):
        decoded(bytes(data))


def test_a_jpeg_of_ten_thousand_scans():
    """Each of 31 bytes goes over the whole picture again: minutes for a file of 400 kB."""
    plain = encoded(Image.new("L", (4000, 4000)), "JPEG", progressive=True, optimize=True)
    scan = plain[plain.rindex(b"\xff\xda") : -2]
    begun = time.process_time()
    with pytest.raises(Damaged, match="10,006 scans"):
        decoded(plain[:-2] + scan * 10_000 + b"\xff\xd9")
    assert time.process_time() - begun < 1
    small = encoded(Image.new("L", (40, 40)), "JPEG", progressive=True, optimize=True)
    check_size(small)


def test_a_file_that_is_a_hole(here):
    sparse(here / "x.jpg", b"\xff\xd8\xff")
    with little_memory(600), pytest.raises(Unavailable, match="more than 268,435,456 bytes"):
        read('Pictures("x.jpg")')
