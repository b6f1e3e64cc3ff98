"""Parse tree to syntax tree, one method per grammar rule.

Assumes a tree of ``grammar/spec.lark``; guarantees nodes whose spans lie in the source.
"""

from __future__ import annotations

from declspore.syntax.building.declarations import Declarations
from declspore.syntax.building.expressions import Expressions
from declspore.syntax.building.tasks import Tasks


class Build(Declarations, Tasks, Expressions):
    """Turns the tree of one source into :class:`declspore.syntax.ast.Spec`."""
