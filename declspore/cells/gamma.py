"""Functions about the gamma function as cells (mindspore.nn.LGamma, DiGamma, LBeta, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import elementwise_type
from declspore.numerics.elementwise import computed, floats_of
from declspore.numerics.gamma import log_beta, log_gamma, log_gamma_slope
from declspore.numerics.special import computed_as, in_wide
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.signature import signature


def _cell(
    word: str, summary: str, formula: Callable[..., Tensor], inputs: tuple[str, ...] = ("x",)
) -> CellKind:
    def infer(a: Arguments, *given: TensorType) -> TensorType:
        given = tuple(map(floats_of, given))
        return given[0] if len(given) == 1 else elementwise_type(*given)

    def lower(b: Builder, a: Arguments, *given: Value) -> Value:
        made = b.output_type.dtype
        return computed(b, computed_as(made), in_wide(b.keras.ops, formula, made), *given)

    return CellKind(
        name=word,
        signature=signature(),
        summary=summary,
        example=f"{word}()",
        infer=infer,
        lower=lower,
        inputs=inputs,
    )


KINDS = (
    _cell("LGamma", "log |gamma(x)|, by Lanczos' approximation.", log_gamma),
    _cell("DiGamma", "The derivative of log gamma(x), by Lanczos.", log_gamma_slope),
    _cell(
        "LBeta",
        "log gamma(x) + log gamma(y) - log gamma(x + y), accurate for large x and y, too.",
        log_beta,
        ("x", "y"),
    ),
)
