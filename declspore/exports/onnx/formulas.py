"""Formulas of elements, written as for NumPy, as nodes of a graph.

:class:`Ops` has the functions of ``keras.ops`` that formulas shared with the compiler call, so that
each is written once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Union

from declspore.dataclass import dataclass
from declspore.exports.onnx.graph import Lowering
from declspore.ir.dtype import BOOL, DType

Operand = Union["Expr", float]


@dataclass(frozen=True, eq=False)
class Expr:
    """A value of the graph that can be calculated with; numbers take its element type."""

    n: Lowering
    name: str
    dtype: DType

    def named(self, other: Operand) -> str:
        """An operand that meets this one."""
        return other.name if isinstance(other, Expr) else self.n.scalar(float(other), self.dtype)

    def of(self, operator: str, *others: Operand, dtype: DType | None = None) -> Expr:
        name = self.n.emit(operator, self.name, *map(self.named, others))
        return Expr(self.n, name, dtype or self.dtype)

    def _from(self, operator: str, other: Operand) -> Expr:
        return Expr(self.n, self.n.emit(operator, self.named(other), self.name), self.dtype)

    def __add__(self, other: Operand) -> Expr:
        return self.of("Add", other)

    def __radd__(self, other: Operand) -> Expr:
        return self._from("Add", other)

    def __sub__(self, other: Operand) -> Expr:
        return self.of("Sub", other)

    def __rsub__(self, other: Operand) -> Expr:
        return self._from("Sub", other)

    def __mul__(self, other: Operand) -> Expr:
        return self.of("Mul", other)

    def __rmul__(self, other: Operand) -> Expr:
        return self._from("Mul", other)

    def __truediv__(self, other: Operand) -> Expr:
        return self.of("Div", other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return self._from("Div", other)

    def __neg__(self) -> Expr:
        return self.of("Neg")

    def __lt__(self, other: Operand) -> Expr:
        return self.of("Less", other, dtype=BOOL)

    def __gt__(self, other: Operand) -> Expr:
        return self.of("Greater", other, dtype=BOOL)

    def __ge__(self, other: Operand) -> Expr:
        return self.of("GreaterOrEqual", other, dtype=BOOL)

    def __le__(self, other: Operand) -> Expr:
        return self.of("LessOrEqual", other, dtype=BOOL)


def _unary(operator: str, dtype: DType | None = None) -> Callable[[Expr], Expr]:
    return lambda x: x.of(operator, dtype=dtype)


def _binary(operator: str, dtype: DType | None = None) -> Callable[[Expr, Operand], Expr]:
    return lambda x, y: x.of(operator, y, dtype=dtype)


class Ops:
    """Functions of ``keras.ops`` over :class:`Expr`."""

    absolute = staticmethod(_unary("Abs"))
    erf = staticmethod(_unary("Erf"))
    exp = staticmethod(_unary("Exp"))
    log = staticmethod(_unary("Log"))
    sin = staticmethod(_unary("Sin"))
    cos = staticmethod(_unary("Cos"))
    sqrt = staticmethod(_unary("Sqrt"))
    sign = staticmethod(_unary("Sign"))
    floor = staticmethod(_unary("Floor"))
    isinf = staticmethod(_unary("IsInf", BOOL))
    isnan = staticmethod(_unary("IsNaN", BOOL))
    logical_not = staticmethod(_unary("Not", BOOL))
    add = staticmethod(_binary("Add"))
    subtract = staticmethod(_binary("Sub"))
    minimum = staticmethod(_binary("Min"))
    maximum = staticmethod(_binary("Max"))
    less = staticmethod(_binary("Less", BOOL))
    greater = staticmethod(_binary("Greater", BOOL))
    greater_equal = staticmethod(_binary("GreaterOrEqual", BOOL))
    less_equal = staticmethod(_binary("LessOrEqual", BOOL))
    equal = staticmethod(_binary("Equal", BOOL))
    logical_and = staticmethod(_binary("And", BOOL))
    logical_or = staticmethod(_binary("Or", BOOL))

    @staticmethod
    def stop_gradient(x: Expr) -> Expr:
        return x

    @staticmethod
    def not_equal(x: Expr, y: Operand) -> Expr:
        return x.of("Equal", y, dtype=BOOL).of("Not")

    @staticmethod
    def log1p(x: Expr) -> Expr:
        return (x + 1.0).of("Log")

    @staticmethod
    def square(x: Expr) -> Expr:
        return x * x

    @staticmethod
    def where(condition: Expr, x: Operand, y: Operand) -> Expr:
        n = condition.n
        typed = next((one for one in (x, y) if isinstance(one, Expr)), None)
        like = typed or Expr(n, "", n.type.dtype)
        name = n.emit("Where", condition.name, like.named(x), like.named(y))
        return Expr(n, name, like.dtype)
