"""Headers: entries by the ends of their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declspore.ir import header
from declspore.ir.dtype import FLOAT32
from declspore.ir.header import Header, HeaderEntry

NAMES = st.lists(st.text("ab.\U0010ffff", max_size=5), unique=True, max_size=12)


TEXTS = st.text("ab.\U0010ffff", max_size=3)


@pytest.mark.parametrize("few", [0, 3, 64])
@given(names=NAMES, prefix=TEXTS, suffix=TEXTS)
def test_entries_between_a_prefix_and_a_suffix(few, names, prefix, suffix):
    """All that begin and end so, in the order of the file; others begin or end so."""
    ordered = Header.of("x", [HeaderEntry.of(name, FLOAT32, ()) for name in names])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_FEW", few)
        found = [entry.name for entry in ordered.between(prefix, suffix)]
    assert found == [name for name in names if name in found]
    assert {n for n in names if n.startswith(prefix) and n.endswith(suffix)} <= set(found)
    assert all(n.startswith(prefix) or n.endswith(suffix) for n in found)
    assert [e.name for e in ordered.between(prefix)] == [n for n in names if n.startswith(prefix)]


def test_the_rarer_end_is_what_counts():
    names = [f"a.{i}.weight" for i in range(1000)] + ["b.weight", "a.last"]
    ordered = Header.of("x", [HeaderEntry.of(name, FLOAT32, ()) for name in names])
    assert [entry.name for entry in ordered.between("a.", ".last")] == ["a.last"]
    assert [entry.name for entry in ordered.between("b", ".weight")] == ["b.weight"]
