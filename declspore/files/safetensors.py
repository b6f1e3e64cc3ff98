"""The safetensors format."""

from __future__ import annotations

from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.ir.term import Arguments
from declspore.registry.file import SHA256, FileKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Text


def _access(a: Arguments) -> Access:
    return Access(crc=a.crc)


KINDS = (
    FileKind(
        name="safetensors",
        signature=signature(
            Argument("path", Text(), help="relative to the folder that declspore runs in"),
            Argument("crc", Boolean(), False, "check MindSpore's CRC in it; or write one"),
            SHA256,
        ),
        summary="A safetensors file, written as MindSpore does.",
        example='safetensors("lenet.safetensors")',
        format=SAFETENSORS,
        access=_access,
    ),
)
