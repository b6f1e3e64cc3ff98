"""The choice of what enters a loss or a metric."""

from __future__ import annotations

from declspore.registry.feeding import FeedingKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, Integer, ListOf, Number, Optional, TermOf, Text

KINDS = (
    FeedingKind(
        name="On",
        signature=signature(
            Argument("word", Either((TermOf("loss"), TermOf("metric"))), help="what is fed"),
            Argument(
                "outputs",
                Optional(ListOf(Integer(0))),
                None,
                "the network's outputs that enter, starting from 0; none: all",
            ),
            Argument(
                "labels",
                Optional(ListOf(Text())),
                None,
                "the dataset's labels that enter, by name; none: all",
            ),
            Argument("weight", Number(), 1.0, "the factor of a loss among several"),
            Argument("name", Optional(Text()), None, "of a metric's figure; none: MindSpore's"),
        ),
        summary=(
            "A loss or metric of some outputs of a network and some labels, in the order they are "
            "named in; several losses in a list are added up by their weights."
        ),
        example='On(MSELoss(), outputs = [1], labels = ["angle"], weight = 0.5)',
    ),
)
