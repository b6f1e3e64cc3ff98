"""Checkpoints to parameters, and parameters into networks and optimizers."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from declspore.checkpoint.reader import Checkpoint
from declspore.ir.header import TEXT, Header, HeaderEntry
from declspore.ir.tensors import Array
from declspore.plan import errors
from declspore.plan.files import open_as
from declspore.plan.fitting import BindMismatch, fitting
from declspore.plan.question import Asked
from declspore.plan.roles import role
from declspore.report import DiagnosticError
from declspore.serialization.arguments import (
    Choice,
    HasParameters,
    HasState,
    ParameterDict,
    ParameterMap,
    Prefixes,
    access_by,
    check_choice,
    format_named,
    instead,
)
from declspore.spelling import count, listing
from declspore.tensor import LazyStorage, Parameter, Tensor


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
    access = access_by(dec_key, dec_mode, crc_check)
    checkpoint = open_as(os.fspath(ckpt_file_name), format_named(format), access)
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
    """:func:`load_checkpoint` in the background: ``result()`` waits for the dict, whose
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
    is_optimizer = isinstance(net, HasState)
    stray = [] if is_optimizer else [name for name in unused if _is_weight(name, header)]
    _warn(missing, converted, stray)
    return missing, unused


def _check_fit(
    wanted: Mapping[str, Parameter], header: Header, strict: bool, path: str | None
) -> list[str]:
    """Names whose floats are converted. Raises DiagnosticError where loading is refused."""
    entries = [HeaderEntry.of(name, p.dtype, p.shape) for name, p in wanted.items()]
    found = fitting(entries, header)
    if not isinstance(found, BindMismatch):
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


def _left_out(misfit: BindMismatch, path: str | None) -> tuple[str, ...]:
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
    check_choice(choice_func)

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


def _parameters_of(net: object) -> dict[str, Parameter]:
    if not isinstance(net, HasParameters):
        raise TypeError(
            f"{type(net).__name__} is neither a network of a spec nor an optimizer of declspore.nn"
            f"{instead(net)}"
        )
    return dict(net.parameters_dict())


def _given(parameters: Mapping[str, object]) -> dict[str, Tensor]:
    """The parameters without texts. Raises TypeError, with all that are none."""
    if not isinstance(parameters, Mapping):
        raise TypeError(
            f"expected a dict of parameters, as load_checkpoint returns it, not {parameters!r:.60}"
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
