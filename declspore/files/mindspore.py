"""MindSpore's own checkpoint format."""

from __future__ import annotations

from declspore.registry.file import FileKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text

KINDS = (
    FileKind(
        name="ckpt",
        signature=signature(
            Argument("path", Text(), help="seen from the folder declspore runs in")
        ),
        summary="A MindSpore checkpoint.",
        example='ckpt("lenet.ckpt")',
    ),
)
