"""OpenCV, which MindSpore computes its images with, so that the bytes are the same."""

from __future__ import annotations

import threading

from declspore.datafile import Damaged
from declspore.ir.tensors import Array, Ops
from declspore.numerics.picture_sizes import check_size
from declspore.registry.data import Unavailable
from declspore.regular import read_regular

PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""The extensions of files that can be decoded."""


_LARGEST = 1 << 28
"""Bytes that the file of a picture may have."""
_ready = threading.local()


def opencv() -> Ops:
    """The module, set up for the thread that calls it, in which it computes. Raises Unavailable."""
    try:
        import cv2
    except ImportError:
        raise Unavailable(
            "changing images needs OpenCV, which is not installed",
            "pip install 'declspore[tensorflow]'",
        ) from None
    if not getattr(_ready, "done", False):
        cv2.setNumThreads(0)
        cv2.ipp.setUseIPP(False)  # MindSpore's is built without; with it, bicubic differs by one
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        _ready.done = True
    return cv2


def read_picture(path: str) -> bytes:
    """The bytes of a picture's file. Raises OSError, whose ``strerror`` is the reason."""
    return read_regular(path, _LARGEST)


def decoded(data: bytes) -> Array:
    """The picture in the bytes of a file, u8[H, W, 3] in RGB: of JPEG as libjpeg's accurate integer
    transform and its interpolation of colours give it. As in MindSpore, pixels stay where the file
    has them, whatever its EXIF says about how the camera was held. Raises Damaged."""
    import numpy as np

    _check_whole(data)
    check_size(data)
    cv2 = opencv()
    try:
        how = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        image = cv2.imdecode(np.frombuffer(data, np.uint8), how)
    except cv2.error as error:
        raise Damaged(f"it cannot be decoded: {error.err}") from None
    except MemoryError:
        raise Damaged("its picture does not fit into memory") from None
    if image is None:
        raise Damaged("it is not a picture, or damaged")
    return image


def _check_whole(data: bytes) -> None:
    """Decoders fill up a file that ends early with grey, and say nothing."""
    if not data:
        raise Damaged("it is empty")
    if data.startswith(b"\xff\xd8") and b"\xff\xd9" not in data[-4096:]:
        raise Damaged("the JPEG ends before its last byte")
    if data.startswith(b"\x89PNG") and b"IEND" not in data[-4096:]:
        raise Damaged("the PNG ends before its last part")


def whole(image: Array) -> Array:
    """The image with its axis of channels, which OpenCV drops where there is one channel."""
    return image if image.ndim == 3 else image[..., None]
