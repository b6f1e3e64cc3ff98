"""Values of a spec in few words."""

from __future__ import annotations

from declspore.ir.term import Term, show
from declspore.language.values import Value
from declspore.registry.table import vocabulary

_MOST_ITEMS = 8


def brief(value: Value) -> str:
    """A value as the spec language writes it, without arguments at their defaults and without
    the most of a long list."""
    if isinstance(value, Term):
        kind = vocabulary().get(value.word)
        defaults = {} if kind is None else {a.name: a.default for a in kind.signature.arguments}
        given = (
            f"{name} = {brief(each)}"
            for name, each in value.arguments.items()
            if name not in defaults or defaults[name] != each
        )
        return f"{value.word}({', '.join(given)})"
    if isinstance(value, tuple):
        items = [brief(each) for each in value[:_MOST_ITEMS]]
        more = len(value) - len(items)
        return f"[{', '.join([*items, f'... {more:,} more'] if more else items)}]"
    return show(value)
