"""Frozen dataclasses that cost little until they are used.

:func:`dataclasses.dataclass` compiles six methods for a class when it is defined, 0.4 ms a class;
of the 250 that are defined before a small edit is planned, most never have an instance. Here a
class has its fields at once, and compiles a method when that is first called. What it then does is
what the standard's does, and everything in :mod:`dataclasses` (``field``, ``fields``, ``replace``,
a subclass of either kind) works with it.
"""

from __future__ import annotations

import abc
import dataclasses
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import inspect
    from dataclasses import MISSING, Field, FrozenInstanceError, field
    from reprlib import recursive_repr

    @dataclasses.dataclass(frozen=True, slots=True)
    class _Compared:
        """The standard's own, of which others take what it keeps to itself."""

        any: int

    @dataclasses.dataclass(frozen=True, eq=False)
    class _Same:
        any: int

    _FIELD = dataclasses.fields(_Compared)[0]._field_type  # noqa: SLF001
    _FACTORY = object()
    _set = object.__setattr__

    def dataclass(cls=None, /, *, frozen=False, eq=True, slots=False, kw_only=False):
        """As :func:`dataclasses.dataclass`."""

        def made(cls):
            if not frozen:
                return dataclasses.dataclass(cls, eq=eq, slots=slots, kw_only=kw_only)
            return _made(cls, eq, slots, kw_only)

        return made if cls is None else made(cls)

    def _made(cls, eq, slots, kw_only):
        found = _inherited(cls)
        for name, annotation in inspect.get_annotations(cls).items():
            if not str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                found[name] = _field(cls, name, annotation, kw_only)
        _check_order(cls, found)
        cls.__dataclass_fields__ = found
        if slots:
            cls = _with_slots(cls, found)
        cls.__dataclass_params__ = (_Compared if eq else _Same).__dataclass_params__
        cls.__match_args__ = tuple(f.name for f in found.values() if f.init and not f.kw_only)
        own = vars(cls)
        if "__setattr__" in own or "__delattr__" in own:
            raise TypeError(f"{cls.__name__} is frozen and says itself how attributes are set")
        cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
        if "__repr__" not in own:
            cls.__repr__ = _repr
        if "__init__" not in own:
            _put_later(cls, "__init__", _init)
        if eq:
            has_hash = own.get("__hash__") is not None
            if "__eq__" not in own:
                _put_later(cls, "__eq__", _eq)
            if not has_hash:
                _put_later(cls, "__hash__", _hash)
        return abc.update_abstractmethods(cls)

    def _inherited(cls):
        found = {}
        for base in cls.__mro__[-1:0:-1]:
            found.update(getattr(base, "__dataclass_fields__", {}))
        return found

    def _field(cls, name, annotation, kw_only):
        default = getattr(cls, name, MISSING)
        if isinstance(default, Field):
            found = default
            if found.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, found.default)
        else:
            # a slot of a base, which is no default
            found = field() if inspect.ismemberdescriptor(default) else field(default=default)
        if found.default is not MISSING and type(found.default).__hash__ is None:
            raise ValueError(
                f"{cls.__name__}.{name}: a default that changes needs a default_factory"
            )
        found.name, found.type = name, annotation
        found._field_type = _FIELD  # noqa: SLF001
        if found.kw_only is MISSING:
            found.kw_only = kw_only
        return found

    def _check_order(cls, found):
        has_default = False
        for f in found.values():
            if f.init and not f.kw_only:
                optional = f.default is not MISSING or f.default_factory is not MISSING
                if has_default and not optional:
                    raise TypeError(f"{cls.__name__}.{f.name} needs a default, as those before it")
                has_default = optional

    def _with_slots(cls, found):
        taken = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
        members = dict(vars(cls))
        for name in (*found, "__dict__", "__weakref__"):
            members.pop(name, None)
        members["__slots__"] = tuple(name for name in found if name not in taken)
        members.setdefault("__getstate__", _Compared.__getstate__)
        members.setdefault("__setstate__", _Compared.__setstate__)
        made = type(cls)(cls.__name__, cls.__bases__, members)
        made.__qualname__ = cls.__qualname__
        return made

    # ---- methods that all share

    def _refuse_to_set(self, name, value):
        if "__dataclass_fields__" in vars(type(self)) or name in self.__dataclass_fields__:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        _set(self, name, value)

    def _refuse_to_delete(self, name):
        if "__dataclass_fields__" in vars(type(self)) or name in self.__dataclass_fields__:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        object.__delattr__(self, name)

    @recursive_repr("...")
    def _repr(self):
        shown = (f.name for f in self.__dataclass_fields__.values() if f.repr)
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    # ---- methods that are compiled when they are first called

    def _put_later(cls, name, source):
        def first(self, *args, **kwargs):
            method = _compiled(cls, name, *source(cls, cls.__dataclass_fields__.values()))
            setattr(cls, name, method)
            return method(self, *args, **kwargs)

        setattr(cls, name, first)

    def _compiled(cls, name, text, names):
        found = {}
        exec(text, names, found)
        method = found[name]
        method.__qualname__ = f"{cls.__qualname__}.{name}"
        method.__module__ = cls.__module__
        return method

    def _init(cls, fields):
        names = {"_set": _set, "_FACTORY": _FACTORY}
        ordered = sorted((f for f in fields if f.init), key=lambda f: f.kw_only)
        parameters, body = ["self"], []
        for f in ordered:
            if f.kw_only and "*" not in parameters:
                parameters.append("*")
            if f.default_factory is not MISSING:
                parameters.append(f"{f.name}=_FACTORY")
            elif f.default is not MISSING:
                names[f"_default_{f.name}"] = f.default
                parameters.append(f"{f.name}=_default_{f.name}")
            else:
                parameters.append(f.name)
        for f in fields:
            value = f.name
            if f.default_factory is not MISSING:
                names[f"_make_{f.name}"] = f.default_factory
                made = f"_make_{f.name}()"
                value = f"{made} if {f.name} is _FACTORY else {f.name}" if f.init else made
            elif not f.init:
                if f.default is MISSING or "__slots__" not in vars(cls):
                    continue
                names[f"_default_{f.name}"] = f.default
                value = f"_default_{f.name}"
            body.append(f"_set(self, {f.name!r}, {value})")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        lines = "\n    ".join(body or ["pass"])
        return f"def __init__({', '.join(parameters)}):\n    {lines}\n", names

    def _tuple(fields, of):
        return "(" + "".join(f"{of}.{f.name}, " for f in fields) + ")"

    def _eq(cls, fields):
        compared = [f for f in fields if f.compare]
        mine, others = _tuple(compared, "self"), _tuple(compared, "other")
        text = f"""def __eq__(self, other):
    if other.__class__ is self.__class__:
        return {mine} == {others}
    return NotImplemented
"""
        return text, {}

    def _hash(cls, fields):
        hashed = [f for f in fields if (f.compare if f.hash is None else f.hash)]
        return f"def __hash__(self):\n    return hash({_tuple(hashed, 'self')})\n", {}
