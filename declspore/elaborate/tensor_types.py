"""Declared tensor types: ``f32[B, 3, H, W]`` against what flows in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from declspore.ir.dtype import BY_SHORT
from declspore.ir.shape import Affine, Dim, Symbol, TensorType, symbol
from declspore.language import errors
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, describe
from declspore.source import Span
from declspore.syntax import ast


def declared_type(evaluation: Evaluation, type: ast.Type, scope: Scope) -> TensorType | None:
    """The type as written; a name that stands for no number is a new symbolic dimension."""
    dtype = BY_SHORT.get(type.name.text)
    if dtype is None or dtype.is_stored:
        known = {name: each for name, each in BY_SHORT.items() if not each.is_stored}
        evaluation.sink.report(
            errors.unknown_element_type(type.name.span, type.name.text, known)
            if dtype is None
            else errors.wrong_type(
                type.name.span,
                "an element type that networks compute with",
                f"{dtype.short}, a type of checkpoints alone",
            )
        )
        return None
    dims: list[Dim] = []
    for node in type.shape or ():
        _bind_new(node, scope)
        dim = _dim(evaluation, node, scope)
        if dim is None:
            return None
        if isinstance(dim, int) and dim < 0:
            help = "a name, such as B, is a size that may be any"
            problem = errors.wrong_type(node.span, "a size", str(dim), help)
            evaluation.sink.report(problem)
            return None
        dims.append(dim)
    return TensorType(dtype, tuple(dims))


def names_in(node: ast.Expression) -> Iterator[ast.Name]:
    """The names of an arithmetic expression."""
    match node:
        case ast.Name():
            yield node
        case ast.Binary():
            yield from names_in(node.left)
            yield from names_in(node.right)


def _bind_new(node: ast.Expression, scope: Scope) -> None:
    """``8 * H``: a name that stands for nothing is a symbolic size; alone it is one anyway."""
    if isinstance(node, ast.Binary):
        for name in names_in(node):
            if scope.find(name.name) is None:
                scope.bind(name.name, symbol(name.name), node.span)


def _dim(evaluation: Evaluation, node: ast.Expression, scope: Scope) -> Dim | None:
    if isinstance(node, ast.Name):
        found = _bound(evaluation, node.name, scope, node.span)
        return symbol(node.name) if found is None else found
    value = evaluation.evaluate(node, scope)
    if _is_dimension(value):
        return value
    if value is not UNKNOWN:
        evaluation.sink.report(errors.wrong_type(node.span, "a dimension", describe(value)))
    return None


def _bound(evaluation: Evaluation, name: str, scope: Scope, span: Span) -> Dim | None:
    """The dimension a name stands for; None where it stands for nothing, or for no dimension."""
    binding = scope.find(name)
    value = None if binding is None else evaluation.force(name, binding, span)
    return value if _is_dimension(value) else None


def _is_dimension(value: object) -> TypeGuard[Dim]:
    return isinstance(value, Affine) or (isinstance(value, int) and not isinstance(value, bool))


def unify(
    evaluation: Evaluation, declared: TensorType, found: TensorType, scope: Scope, span: Span
) -> bool:
    """Whether the found type is of the declared form; new symbols are bound in ``scope``."""
    if declared.dtype != found.dtype or declared.rank != found.rank:
        return False
    fresh: dict[str, Dim] = {}
    for one, other in zip(declared.shape, found.shape, strict=True):
        name = _lone_symbol(one)
        if name is not None and _bound(evaluation, name, scope, span) is None:
            if fresh.setdefault(name, other) != other:
                return False
        elif one != other:
            return False
    for name, dim in fresh.items():
        scope.bind(name, dim, span)
    return True


def _lone_symbol(dim: Dim) -> str | None:
    if isinstance(dim, Affine) and dim.constant == 0 and len(dim.terms) == 1:
        atom, coefficient = dim.terms[0]
        if coefficient == 1 and isinstance(atom, Symbol):
            return atom.name
    return None
