"""Cells to compare, one row each, in the words of both sides; a file for each of declspore/cells.

``spec`` is a cell in the spec language, ``mindspore`` the same in MindSpore (with ``nn`` and
``init`` for mindspore.common.initializer in scope), ``shape`` the input. A fourth item is for inputs
of integers: how many there are.
"""

from tests.oracle.gathering import gathered

CELLS = gathered(__name__)

WRONG_GRADIENTS = {
    "SeLU_0": "MindSpore's CPU gradient below 0 is not its formula's, which is followed here.",
}
"""Cells whose golden gradients are not a measure, and why."""

_BICUBIC = "MindSpore's CPU rounds places to 1/1024 of an element; the formula is followed here."


def limit(call):
    """How far a case may be from MindSpore's CPU, and why if it is further than usual."""
    return (1e-3, _BICUBIC) if "bicubic" in call else (1e-5, None)
