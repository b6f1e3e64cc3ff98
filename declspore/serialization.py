"""MindSpore's functions for checkpoints: ``load_checkpoint``, ``load_param_into_net``,
``save_checkpoint`` (mindspore.train.serialization, 2.10).

They differ from MindSpore where MindSpore is silent: names match exactly and never by suffix,
every mismatch is reported at once, and what stays unloaded is warned of.
"""

from __future__ import annotations

import atexit
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol, TypeVar, runtime_checkable

from declspore.checkpoint import errors as file_errors
from declspore.checkpoint.cipher import MODES, Key
from declspore.checkpoint.format import Computed, Format
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.header import TEXT, Header, HeaderEntry
from declspore.ir.tensors import Array
from declspore.plan import errors
from declspore.plan.files import formats, open_as
from declspore.plan.fitting import Misfit, fitting
from declspore.plan.question import Asked
from declspore.plan.roles import role
from declspore.report import DiagnosticError
from declspore.spelling import count, listing
from declspore.tensor import LazyStorage, Parameter, Tensor

ParameterDict = dict[str, Any]
"""Parameters by name, as :class:`Parameter`; entries of texts as str."""
Choice = Callable[[str], bool]
Prefixes = str | Sequence[str] | None

ParameterMap = Mapping[str, Tensor | str]
V = TypeVar("V")


@runtime_checkable
class HasParameters(Protocol):
    """A network, or an optimizer: it has parameters by the names they are saved under."""

    def parameters_dict(self) -> Mapping[str, Parameter]: ...


class LoadWarning(UserWarning):
    """Something was not loaded, or not as it was in the file."""


def load_checkpoint(
    ckpt_file_name: str | os.PathLike[str],
    net: HasParameters | None = None,
    strict_load: bool = False,
    filter_prefix: Prefixes = None,
    dec_key: bytes | None = None,
    dec_mode: str = "AES-GCM",
    specify_prefix: Prefixes = None,
    choice_func: Choice | None = None,
    crc_check: bool = False,
    remove_redundancy: bool = False,
    format: str = "ckpt",
) -> ParameterDict:
    """The parameters of a checkpoint by name, in file order; loaded into ``net`` where given.

    Values are read from the file when first used. Text entries are plain strings, map parameters
    are left out with a warning. Names that start with ``filter_prefix``, or that ``choice_func``
    refuses, are left out; where ``specify_prefix`` is given, only names that start with it are
    taken. ``dec_key`` decrypts a file encrypted with ``dec_mode``; ``crc_check`` checks the CRC,
    which must be there; ``format`` is ``ckpt``, ``safetensors`` or ``npz``. Arguments have
    MindSpore's order; ``remove_redundancy`` has no effect on one device. Raises DiagnosticError.
    """
    access = _access(dec_key, dec_mode, crc_check)
    checkpoint = open_as(os.fspath(ckpt_file_name), _format(format), access)
    wanted = _selection(filter_prefix, specify_prefix, choice_func)
    chosen = [entry.header for entry in checkpoint if wanted(entry.name)]
    found = {e.name: _lazy(checkpoint, e) for e in chosen if e.dtype.kind != "map"}
    _warn_of(
        [e.name for e in chosen if e.dtype.kind == "map"],
        "left out: map parameters are copied by edits only",
    )
    if not found:
        raise ValueError(f"no entry of {checkpoint.path} is selected")
    if net is not None:
        _load_into(net, found, strict_load, checkpoint.path)
    return found


def load_checkpoint_async(
    ckpt_file_name: str | os.PathLike[str],
    net: HasParameters | None = None,
    strict_load: bool = False,
    filter_prefix: Prefixes = None,
    dec_key: bytes | None = None,
    dec_mode: str = "AES-GCM",
    specify_prefix: Prefixes = None,
    choice_func: Choice | None = None,
) -> ParamDictFuture:
    """:func:`load_checkpoint` behind the caller's back: ``result()`` waits for the dict, whose
    values are all read by then."""

    def load() -> ParameterDict:
        found = load_checkpoint(
            ckpt_file_name,
            net,
            strict_load,
            filter_prefix,
            dec_key,
            dec_mode,
            specify_prefix,
            choice_func,
        )
        for value in found.values():
            if isinstance(value, Tensor):
                value.asnumpy()
        return found

    pool = ThreadPoolExecutor(1, "load_checkpoint")
    try:
        return ParamDictFuture(pool.submit(load))
    finally:
        pool.shutdown(wait=False)


class ParamDictFuture:
    """A checkpoint that is being loaded."""

    def __init__(self, future: Future[ParameterDict]) -> None:
        self._future = future

    def result(self) -> ParameterDict:
        """The parameters by name, once they are loaded. Raises what loading raised."""
        return self._future.result()


def async_ckpt_thread_status() -> bool:
    """Whether a save with ``async_save`` is under way."""
    return _Background.is_running()


def ckpt_to_safetensors(
    file_path: str | os.PathLike[str],
    save_path: str | os.PathLike[str] | None = None,
    name_map: Mapping[str, str] | None = None,
    file_name_regex: str | None = None,
    processes_num: int = 1,
) -> None:
    """Write checkpoints as safetensors: a file, or every ``.ckpt`` of a folder and its folders.

    Files are written next to their originals, or into ``save_path``. ``name_map`` gives parameters
    other names; ``file_name_regex`` says which files of a folder are meant. ``processes_num`` has
    no effect. Raises DiagnosticError, ValueError.
    """
    _rewrite(file_path, save_path, name_map, file_name_regex, ("ckpt", "safetensors"))


def safetensors_to_ckpt(
    file_path: str | os.PathLike[str],
    save_path: str | os.PathLike[str] | None = None,
    name_map: Mapping[str, str] | None = None,
    file_name_regex: str | None = None,
    processes_num: int = 1,
) -> None:
    """The reverse of :func:`ckpt_to_safetensors`."""
    _rewrite(file_path, save_path, name_map, file_name_regex, ("safetensors", "ckpt"))


def _rewrite(
    file_path: str | os.PathLike[str],
    save_path: str | os.PathLike[str] | None,
    name_map: Mapping[str, str] | None,
    pattern: str | None,
    formats: tuple[str, str],
) -> None:
    start, (old, new) = os.fspath(file_path), formats
    paths = _files_of(start, old, pattern) if os.path.isdir(start) else [start]
    if not paths:
        raise ValueError(f"{start} does not have a .{old} file")
    names = name_map or {}
    for path in paths:
        found = load_checkpoint(path, format=old)
        folder = os.path.dirname(path) if save_path is None else os.fspath(save_path)
        os.makedirs(folder or ".", exist_ok=True)
        stem = os.path.basename(path).removesuffix(f".{old}")
        renamed = {names.get(name, name): value for name, value in found.items()}
        save_checkpoint(renamed, os.path.join(folder, f"{stem}.{new}"), format=new)


def _files_of(folder: str, format: str, pattern: str | None) -> list[str]:
    return sorted(
        os.path.join(place, name)
        for place, _, names in os.walk(folder)
        for name in names
        if name.endswith(f".{format}") and (pattern is None or re.search(pattern, name))
    )


def load_param_into_net(
    net: HasParameters,
    parameter_dict: ParameterMap,
    strict_load: bool = False,
    remove_redundancy: bool = False,
) -> tuple[list[str], list[str]]:
    """Load parameters by name into a network or optimizer.

    Returns the names of ``net`` that were not loaded and the names of the dict that were not
    used. All or nothing: where a shape differs, or an element type other than from float to
    float, or nothing at all would be loaded, DiagnosticError names every mismatch and ``net``
    stays as it was. With ``strict_load``, missing parameters and every other element type are
    such mismatches too. What is missing, converted, or unused and no optimizer state, is warned
    of (:class:`LoadWarning`). ``remove_redundancy`` has no effect on one device.
    """
    return _load_into(net, parameter_dict, strict_load, None)


def save_checkpoint(
    save_obj: HasParameters | ParameterMap | Iterable[Parameter | Mapping[str, object]],
    ckpt_file_name: str | os.PathLike[str],
    integrated_save: bool = True,
    async_save: bool = False,
    append_dict: Mapping[str, Tensor | str | float] | None = None,
    enc_key: bytes | None = None,
    enc_mode: str = "AES-GCM",
    choice_func: Choice | None = None,
    crc_check: bool = False,
    format: str = "ckpt",
) -> None:
    """Write a checkpoint, byte for byte as MindSpore 2.10 does.

    ``save_obj`` is a network, a list of parameters, a list of ``{"name": ..., "data": ...}``, or
    a dict as :func:`load_checkpoint` returns it. ``append_dict`` adds ints, floats, bools, texts
    and tensors. ``choice_func`` says which names are saved. ``async_save`` takes the values now
    and writes them in the background; an error then comes at the next save or at exit.
    ``enc_key`` encrypts the file with ``enc_mode``; ``crc_check`` adds a CRC; ``format`` is
    ``ckpt``, ``safetensors`` or ``npz``, whose suffix is added where missing.
    ``integrated_save`` has no effect on one device. Nothing is changed unless all was written.
    Raises DiagnosticError, TypeError, ValueError.
    """
    check_saving(format, enc_key, enc_mode, crc_check)
    kind, access = _format(format), _access(enc_key, enc_mode, crc_check)
    path = os.fspath(ckpt_file_name)
    path = path if path.endswith(kind.name) else f"{path}{kind.suffix}"  # as MindSpore has it
    values = _values_of(save_obj, path)
    _check_choice(choice_func)
    if choice_func is not None:
        values = {name: value for name, value in values.items() if choice_func(name)}
    appended = {name: _appended(name, value) for name, value in (append_dict or {}).items()}
    if both := [name for name in appended if name in values]:
        raise file_errors.twice(path, both)
    values |= appended
    if not values:
        raise ValueError(f"nothing is left to be saved as {path}")
    _Background.wait()
    if not async_save:
        _write(path, values, kind, access)
        return
    taken = {n: v if isinstance(v, str) else Tensor(v.asnumpy().copy()) for n, v in values.items()}
    _Background.start(path, taken, kind, access)


def check_saving(format: str, enc_key: bytes | None, enc_mode: str, crc_check: bool) -> str:
    """The format, if files of it can be written so. Raises ValueError and TypeError."""
    kind, access = _format(format), _access(enc_key, enc_mode, crc_check)
    if access.key is not None and not kind.protects:
        raise ValueError(f"format {format!r} cannot be encrypted; leave out enc_key")
    return kind.name


def _format(name: str) -> Format:
    for format in formats():
        if format.name == name:
            return format
    known = ", ".join(repr(format.name) for format in formats())
    raise ValueError(f"format must be one of {known}, not {name!r}")


def _access(key: bytes | None, mode: str, crc: bool) -> Access:
    if key is None:
        return Access(crc=crc)
    if not isinstance(key, bytes):
        raise TypeError(f'a key must be bytes, such as b"...", not {type(key).__name__}')
    if mode not in MODES:
        known = ", ".join(map(repr, MODES))
        raise ValueError(f"the mode of encryption must be one of {known}, not {mode!r}")
    return Access(Key(key, "the call"), mode, crc)


# ---- loading


def _lazy(checkpoint: Checkpoint, entry: HeaderEntry) -> Parameter | str:
    if entry.dtype == TEXT:
        return checkpoint.text(entry.name)

    def load() -> Array:
        return checkpoint.array(entry.name)

    return Parameter.backed(entry.name, LazyStorage(entry.shape, entry.dtype, load))


def _load_into(
    net: object, parameter_dict: ParameterMap, strict: bool, path: str | None
) -> tuple[list[str], list[str]]:
    """:func:`load_param_into_net` of parameters that are those of the file ``path``, if known."""
    wanted = _parameters_of(net)
    given = _given(parameter_dict)
    header = _header_of(parameter_dict, path or "the parameter dict")
    converted = _check_fit(wanted, header, strict, path)
    matched = {name: given[name] for name in wanted if name in given}
    for name, parameter in matched.items():
        target = wanted[name]
        target.storage.write(parameter.asnumpy().astype(target.dtype.as_numpy(), copy=False))
    missing = [name for name in wanted if name not in given]
    unused = [name for name in parameter_dict if name not in matched]
    # an optimizer has no use for the network's other parameters in its checkpoint
    is_optimizer = hasattr(net, "state")
    stray = [] if is_optimizer else [name for name in unused if _is_weight(name, header)]
    _warn(missing, converted, stray)
    return missing, unused


def _check_fit(
    wanted: Mapping[str, Parameter], header: Header, strict: bool, path: str | None
) -> list[str]:
    """Names whose floats are converted. Raises DiagnosticError where loading is refused."""
    entries = [HeaderEntry.of(name, p.dtype, p.shape) for name, p in wanted.items()]
    found = fitting(entries, header)
    if not isinstance(found, Misfit):
        return []
    converted = [
        one.name
        for one, other in found.dtypes
        if not strict and one.dtype.is_float and other.dtype.is_float
    ]
    nothing = not any(name in header for name in wanted)
    refused = replace(
        found,
        missing=found.missing if strict or nothing else (),
        unused=found.unused if nothing else (),
        dtypes=tuple(pair for pair in found.dtypes if pair[0].name not in converted),
    )
    if refused.missing or refused.shapes or refused.dtypes:
        # a suggestion is proved by the parser, which a load that fits has no need of
        from declspore.suggest.advice import answered

        of_file = header if path else replace(header, origin="FILE.ckpt")
        asked = Asked(entries, of_file, exact=False)
        problem = errors.does_not_fit(None, header, refused, asked, _left_out(refused, path))
        raise DiagnosticError(answered([problem]))
    return converted


_MOST_LEFT_OUT = 8


def _left_out(misfit: Misfit, path: str | None) -> tuple[str, ...]:
    """How the call leaves out what has another shape, where nothing else is wrong."""
    names = [found.name for found, _ in misfit.shapes]
    if not names or len(names) > _MOST_LEFT_OUT or misfit.missing or misfit.dtypes:
        return ()
    if path:
        return (f"filter_prefix={names!r} leaves them out; the values there are stay",)
    return (f"without {listing(names)} in the dict the values there are stay",)


def _selection(
    filter_prefix: Prefixes, specify_prefix: Prefixes, choice_func: Choice | None
) -> Choice:
    refused, required = (
        _prefixes("filter_prefix", filter_prefix),
        _prefixes("specify_prefix", specify_prefix),
    )
    _check_choice(choice_func)

    def wanted(name: str) -> bool:
        if choice_func is not None and not refused and not required:
            return bool(choice_func(name))
        return not name.startswith(refused) and (not required or name.startswith(required))

    return wanted


def _prefixes(argument: str, given: Prefixes) -> tuple[str, ...]:
    if given is None:
        return ()
    prefixes = (given,) if isinstance(given, str) else given
    if isinstance(prefixes, Iterable) and all(isinstance(one, str) for one in prefixes):
        return tuple(prefixes)
    raise TypeError(f"{argument} must be a text or a list of texts, not {given!r}")


def _check_choice(function: Choice | None) -> None:
    if function is not None and not callable(function):
        raise TypeError(f"choice_func must be a function of a name, not {function!r}")


def _parameters_of(net: object) -> dict[str, Parameter]:
    if not isinstance(net, HasParameters):
        raise TypeError(
            f"{type(net).__name__} is neither a network of a spec nor an optimizer of declspore.nn"
            f"{_instead(net)}"
        )
    return dict(net.parameters_dict())


def _instead(net: object) -> str:
    """What was probably meant where something is given that is not a network."""
    if callable(getattr(net, "network", None)):
        return f"; call it first: {getattr(net, '__name__', 'it')}()"
    if hasattr(net, "get_weights"):
        return (
            ". A clone, or a model opened from a file, has Keras's names alone: give its weights "
            "to a network of the spec, net.set_weights(model.get_weights())"
        )
    return "; the net comes first, then the dict" if isinstance(net, Mapping) else ""


def _given(parameters: Mapping[str, object]) -> dict[str, Tensor]:
    """The parameters without texts. Raises TypeError, with all that are none."""
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f"a dict of parameters is wanted, as load_checkpoint gives it, not {parameters!r:.60}"
        )
    found = {name: value for name, value in parameters.items() if not isinstance(value, str)}
    if wrong := [name for name, value in found.items() if not isinstance(value, Tensor)]:
        raise TypeError(
            f"no Parameter but {type(found[wrong[0]]).__name__} is the value of {listing(wrong)}; "
            "make one with declspore.Parameter(array, name)"
        )
    return {name: value for name, value in found.items() if isinstance(value, Tensor)}


def _header_of(parameters: ParameterMap, origin: str) -> Header:
    entries = (
        HeaderEntry.of(name, value.dtype, value.shape)
        for name, value in parameters.items()
        if not isinstance(value, str)
    )
    return Header.of(origin, entries)


def _is_weight(name: str, header: Header) -> bool:
    entry = header.by_name.get(name)
    return entry is not None and role(entry, header) in ("weight", "statistic")


def _warn(missing: list[str], converted: list[str], unused: list[str]) -> None:
    for names, what in (
        (missing, "not in the checkpoint, left as they were"),
        (converted, "converted to another float type"),
        (unused, "in the checkpoint but not in the network"),
    ):
        _warn_of(names, what, stacklevel=4)


def _warn_of(names: list[str], what: str, stacklevel: int = 3) -> None:
    if names:
        text = f"{count(len(names), 'parameter')} {what}: {listing(names)}"
        warnings.warn(text, LoadWarning, stacklevel=stacklevel)


# ---- saving


def _values_of(save_obj: object, path: str) -> dict[str, Tensor | str]:
    if isinstance(save_obj, HasParameters):
        return dict(save_obj.parameters_dict())
    if isinstance(save_obj, Mapping):
        return {name: _saved(name, value) for name, value in save_obj.items()}
    if isinstance(save_obj, Iterable) and not isinstance(save_obj, str | bytes):
        return _distinct([_item(item) for item in save_obj], path)
    raise TypeError(
        f"save_obj must be a network, a list or a dict of parameters, not "
        f"{type(save_obj).__name__}{_instead(save_obj)}"
    )


def _distinct(items: list[tuple[str, V]], path: str) -> dict[str, V]:
    counts = Counter(name for name, _ in items)
    if len(counts) < len(items):
        raise file_errors.twice(path, [name for name, many in counts.items() if many > 1])
    return dict(items)


def _item(item: object) -> tuple[str, Tensor | str]:
    if isinstance(item, Parameter):
        return item.name, item
    if isinstance(item, Mapping) and {"name", "data"} <= set(item):
        return item["name"], _saved(item["name"], item["data"])
    raise TypeError('each item must be a Parameter or {"name": ..., "data": ...}')


def _saved(name: str, value: object) -> Tensor | str:
    if isinstance(value, Tensor | str):
        return value
    raise TypeError(f"the value of `{name}` must be a Parameter or Tensor, as Tensor(array) is")


def _appended(name: str, value: object) -> Tensor | str:
    if isinstance(value, str | Tensor):
        return value
    if isinstance(value, bool | int | float):
        return Tensor(value)
    raise TypeError(f"append_dict takes numbers, bools, texts and tensors; `{name}` is none")


def _write(path: str, values: ParameterMap, format: Format, access: Access) -> None:
    pieces = [_piece(path, name, value) for name, value in values.items()]
    write_checkpoint(path, pieces, format=format, access=access)


def _piece(path: str, name: str, value: Tensor | str) -> Computed:
    if isinstance(value, str):
        return Computed(value_header(path, name, value), lambda: value)
    return Computed(HeaderEntry.of(name, value.dtype, value.shape), value.asnumpy)


class _Background:
    """One save at a time, behind the caller's back."""

    _pool: ThreadPoolExecutor | None = None
    _running: Future[None] | None = None

    @classmethod
    def start(cls, path: str, values: ParameterMap, format: Format, access: Access) -> None:
        if cls._pool is None:
            cls._pool = ThreadPoolExecutor(1, "save_checkpoint")
            atexit.register(cls.wait)
        cls._running = cls._pool.submit(_write, path, values, format, access)

    @classmethod
    def is_running(cls) -> bool:
        """Whether a save is under way."""
        return cls._running is not None and not cls._running.done()

    @classmethod
    def wait(cls) -> None:
        """Until the save under way is done. Raises what it raised."""
        running, cls._running = cls._running, None
        if running is not None:
            running.result()
