"""Keys of encrypted checkpoints: out of an environment variable or a file, never out of a spec."""

from __future__ import annotations

import base64
import binascii
import os

from declspore.checkpoint import errors
from declspore.checkpoint.cipher import Key
from declspore.regular import read_small

_LONGEST = 4096


def read_key(env: str | None = None, file: str | None = None) -> Key | None:
    """The key an environment variable or a file holds; None where neither is named.

    Its bytes are used as they are, without a line break at the end; after ``hex:`` or ``base64:``
    they are decoded first. Raises DiagnosticError.
    """
    if env is not None:
        value = os.environb.get(os.fsencode(env))
        if value is None:
            raise errors.no_key(f"the environment variable {env} is not set")
        return Key(_decoded(value, f"the environment variable {env}"), env)
    if file is not None:
        return Key(_decoded(_contents(file), f"the key file {file}"), file)
    return None


def _contents(path: str) -> bytes:
    try:
        return read_small(path, _LONGEST)
    except OSError as error:
        reason = error.strerror or str(error)
        raise errors.no_key(f"the key file {path} cannot be read: {reason}") from None


def _decoded(value: bytes, origin: str) -> bytes:
    value = value.removesuffix(b"\n").removesuffix(b"\r")
    try:
        if value.startswith(b"hex:"):
            return bytes.fromhex(value[4:].decode())
        if value.startswith(b"base64:"):
            return base64.b64decode(value[7:], validate=True)
    except (ValueError, binascii.Error) as error:
        raise errors.no_key(f"{origin} holds no key: {error}") from None
    return value
