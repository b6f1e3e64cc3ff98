"""MindSpore's own checkpoint format."""

from __future__ import annotations

from declspore.checkpoint.mindspore import MINDSPORE
from declspore.registry.file import SHA256, FileKind
from declspore.registry.protection import PROTECTION, check_protection, protected_access
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text

KINDS = (
    FileKind(
        name="ckpt",
        signature=signature(
            Argument("path", Text(), help="relative to the folder that declspore runs in"),
            *PROTECTION,
            SHA256,
        ),
        summary="A MindSpore checkpoint, encrypted where a key is named.",
        example='ckpt("lenet.ckpt")',
        format=MINDSPORE,
        check=check_protection,
        access=protected_access,
    ),
    FileKind(
        name="ckpts",
        signature=signature(
            Argument("path", Text(), help="of several files: `*`, `?` and `[...]` as in a shell"),
            *PROTECTION,
        ),
        summary="The MindSpore checkpoints whose paths match, in the natural order of their paths: "
        "an input of several files.",
        example='ckpts("rank_*.ckpt")',
        format=MINDSPORE,
        check=check_protection,
        access=protected_access,
        many="ckpt",
    ),
)
