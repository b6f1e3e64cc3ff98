"""Groups of parameters (the dicts that mindspore.nn optimizers take in place of parameters)."""

from __future__ import annotations

from declspore.numerics.optimizer_arguments import DECAY, RATE
from declspore.registry.groups import ParameterGroupKind, Paths
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Optional

KINDS = (
    ParameterGroupKind(
        name="Group",
        signature=signature(
            Argument("params", Paths(), help="paths of its parameters"),
            Argument("lr", Optional(RATE), None, "its learning rate; none: the optimizer's"),
            Argument("weight_decay", Optional(DECAY), None, "its decay; none: the optimizer's"),
            Argument(
                "grad_centralization",
                Boolean(),
                False,
                "whether a gradient's mean over all axes but the first is taken off; as in "
                "MindSpore, where the second axis is a multiple of 16",
            ),
        ),
        summary=(
            "Settings of an optimizer for the parameters that one of its patterns matches and no "
            "group before it. Its decay holds for all of them, beta and gamma too."
        ),
        example="Group(`**.bias`, weight_decay = 0.0)",
    ),
)
