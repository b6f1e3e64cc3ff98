"""MindSpore's own checkpoint format."""

from __future__ import annotations

from declspore.checkpoint.cipher import DEFAULT_MODE, MODES
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access
from declspore.ir.term import Arguments
from declspore.registry.file import SHA256, FileKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Optional, Text


def _check(a: Arguments) -> None:
    if a.key_env is not None and a.key_file is not None:
        raise Misfit("a key comes from one place", "leave out key_env or key_file")
    if a.mode is not None and a.key_env is None and a.key_file is None:
        raise Misfit(f"{a.mode} needs a key", 'key_env = "NAME", which holds the key')


def _access(a: Arguments) -> Access:
    return Access(read_key(a.key_env, a.key_file), a.mode, a.crc)


_HOW = (
    Argument("key_env", Optional(Text()), None, "environment variable that holds the key"),
    Argument("key_file", Optional(Text()), None, "file that holds the key"),
    Argument(
        "mode",
        Optional(Choice(tuple(MODES))),
        None,
        f"how it is encrypted; none: as the file says, {DEFAULT_MODE} for a new one",
    ),
    Argument("crc", Boolean(), False, "check its CRC, which must be there; or write one"),
)

KINDS = (
    FileKind(
        name="ckpt",
        signature=signature(
            Argument("path", Text(), help="seen from the folder declspore runs in"),
            *_HOW,
            SHA256,
        ),
        summary="A MindSpore checkpoint, encrypted where a key is named.",
        example='ckpt("lenet.ckpt")',
        format=MINDSPORE,
        check=_check,
        access=_access,
    ),
    FileKind(
        name="ckpts",
        signature=signature(
            Argument("path", Text(), help="of several files: `*`, `?` and `[...]` as in a shell"),
            *_HOW,
        ),
        summary="The MindSpore checkpoints whose paths match, in the natural order of their paths: "
        "an input of several files.",
        example='ckpts("rank_*.ckpt")',
        format=MINDSPORE,
        check=_check,
        access=_access,
        many="ckpt",
    ),
)
