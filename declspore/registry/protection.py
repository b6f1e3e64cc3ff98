"""How words for files say that a file is encrypted, and that it carries a CRC."""

from __future__ import annotations

from declspore.checkpoint.cipher import DEFAULT_MODE, MODES
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Boolean, Choice, Optional, Text

PROTECTION = (
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


def check_protection(a: Arguments) -> None:
    """Raises :class:`Misfit` where the arguments contradict each other."""
    if a.key_env is not None and a.key_file is not None:
        raise Misfit("a key comes from one place", "leave out key_env or key_file")
    if a.mode is not None and a.key_env is None and a.key_file is None:
        raise Misfit(f"{a.mode} needs a key", 'key_env = "NAME", which holds the key')


def protected_access(a: Arguments) -> Access:
    """The access that the arguments ask for. Raises DiagnosticError where a key cannot be read."""
    return Access(read_key(a.key_env, a.key_file), a.mode, a.crc)
