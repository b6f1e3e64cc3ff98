"""Ops to compare, one row each, in the words of both sides; a file for each of declspore/ops.

``spec`` is an expression of a construct with inputs x, y, z; ``mindspore`` the same in MindSpore
(with ``ops``, ``ms`` and ``np`` in scope); ``shapes`` those of the inputs. The result is a
tensor of floats. ``x - stop_gradient(x)`` is a zero whose gradient passes: rows with it are at a
point where two pieces of a formula meet, of mixed element types, or at the edge of what arguments
may be.
"""

from tests.oracle.gathering import gathered

OPS = gathered(__name__)

_OF_MATRICES = ("norm(x, 2, [", "norm(x, -2, [", 'norm(x, "nuc", [', "norm(x[0], 2)")
SINGULAR = [name for name, row in OPS.items() if row[0].startswith(_OF_MATRICES)]
"""Those of singular values."""

_TAKEN = (
    "Halfway between two elements the outer one is taken, as by MindSpore's CPU, and has the "
    "gradient, which MindSpore gives to the even one."
)
_APART = "MindSpore's gradient takes what goes to one place twice as if it went there alone."
WRONG_GRADIENTS = {
    "selu": "MindSpore's CPU gradient below 0 is not its formula's, which is followed here.",
    "batch_norm_training": "MindSpore's gradient by the input is 7 % off what the formula has.",
    **{f"tensor_scatter_{word}_twice": _APART for word in ("mul", "div")},
    **{f"grid_sample_ties_{padding}": _TAKEN for padding in ("zeros", "reflection")},
}
"""Ops whose golden gradients are not a measure, and why."""
