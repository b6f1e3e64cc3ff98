"""``mindspore.common.initializer``: first values of parameters.

Every initializer of the vocabulary is here under its name; :func:`initializer` makes a tensor that
is filled when its value is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declspore.eager import initial
from declspore.ir.term import Term
from declspore.porting.names import refused
from declspore.registry.initializer import InitializerKind
from declspore.registry.python import bind_call, signed
from declspore.registry.table import vocabulary

initializer = initial.initializer
_ALIASES = {"Identity": "IdentityMatrix"}


def __getattr__(name: str) -> Any:
    kind = vocabulary().get(_ALIASES.get(name, name))
    if not isinstance(kind, InitializerKind):
        raise refused("mindspore.common.initializer", name, __dir__())
    make = signed(_maker(kind), name, kind, home="declspore.common.initializer")
    globals()[name] = make
    return make


def _maker(kind: InitializerKind) -> Callable[..., Term]:
    def make(*given: object, **named: object) -> Term:
        return Term("initializer", kind.name, bind_call(kind, given, named))

    return make


def __dir__() -> list[str]:
    kinds = vocabulary().every(InitializerKind)
    return sorted(["initializer", *_ALIASES, *(kind.name for kind in kinds)])
