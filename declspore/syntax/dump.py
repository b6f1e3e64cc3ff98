"""The syntax tree as JSON values, and the schema they follow; both follow from the node classes."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin, get_type_hints

from declspore.diagnostic import Diagnostic
from declspore.render import to_json
from declspore.source import Source, Span
from declspore.syntax import ast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_PLAIN = {int: "integer", float: "number", bool: "boolean", str: "string", type(None): "null"}


def tree_json(spec: ast.Spec, problems: Iterable[Diagnostic] = ()) -> dict[str, object]:
    """A spec, and what of its text does not parse. Nodes have ``node``, their kind, and ``span``:
    lines and columns from 1."""
    return {**_node(spec), "diagnostics": [to_json(problem) for problem in problems]}


def tree_schema() -> dict[str, object]:
    """The JSON schema (2020-12) of what :func:`tree_json` gives."""
    kinds = [value for value in vars(ast).values() if isinstance(value, type)]
    nodes = [kind for kind in kinds if is_dataclass(kind) and kind not in _OTHERS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Syntax tree of a spec, edition 1",
        "$ref": "#/$defs/Spec",
        "$defs": {
            **{_name(node): _schema(node) for node in nodes},
            "span": _SPAN,
            "diagnostic": _DIAGNOSTIC,
        },
    }


_OTHERS = (Source, Span)
_PLACE = {"type": "integer", "minimum": 1}
_SPAN = {
    "type": "object",
    "properties": dict.fromkeys(("line", "column", "end_line", "end_column"), _PLACE),
    "required": ["line", "column", "end_line", "end_column"],
    "additionalProperties": False,
}

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
# labels are those of every command's JSON: a place in a text or file, and what is said of it
_PARTS = {
    "code": {"type": "string", "pattern": "^E1[0-9]{2}$"},
    "severity": {"const": "error"},
    "stage": {"const": "syntax"},
    "title": _TEXT,
    "labels": {"type": "array", "items": {"type": "object"}},
    "notes": _TEXTS,
    "helps": _TEXTS,
}
_DIAGNOSTIC = {"type": "object", "properties": _PARTS, "required": list(_PARTS)}
_DIAGNOSTICS = {"type": "array", "items": {"$ref": "#/$defs/diagnostic"}}


def _name(node: type) -> str:
    return node.__name__


def _dump(value: object) -> object:
    if isinstance(value, Span):
        line, column = value.source.position(value.start)
        end_line, end_column = value.source.position(value.end)
        return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
    if isinstance(value, tuple):
        return [_dump(item) for item in value]
    return _node(value) if is_dataclass(value) else value


def _node(value: object) -> dict[str, object]:
    """A dataclass of the tree. Of a spec ``source`` is the text; of other nodes, what they read."""
    assert is_dataclass(value)
    names = [f.name for f in fields(value) if f.name != "source" or not isinstance(value, ast.Spec)]
    names.sort(key=lambda name: name == "source")
    return {"node": type(value).__name__, **{n: _dump(getattr(value, n)) for n in names}}


def _schema(node: type[DataclassInstance]) -> dict[str, object]:
    hints = get_type_hints(node)
    names = [f.name for f in fields(node) if hints[f.name] is not Source]
    properties = {"node": {"const": _name(node)}, **{n: _type(hints[n]) for n in names}}
    if node is ast.Spec:
        properties["diagnostics"] = _DIAGNOSTICS
    return {
        "type": "object",
        **({"description": node.__doc__.split("\n")[0]} if node.__doc__ else {}),
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _type(hint: object) -> dict[str, object]:
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0])}
    if get_origin(hint) in (Union, types.UnionType):
        return {"anyOf": [_type(option) for option in get_args(hint)]}
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if hint is Span:
        return {"$ref": "#/$defs/span"}
    assert isinstance(hint, type), hint
    return {"type": _PLAIN[hint]} if hint in _PLAIN else {"$ref": f"#/$defs/{_name(hint)}"}
