"""Headers: entries by the beginning of their names."""

from hypothesis import given
from hypothesis import strategies as st

from declspore.ir.dtype import FLOAT32
from declspore.ir.header import Header, HeaderEntry

NAMES = st.lists(st.text("ab.\U0010ffff", max_size=5), unique=True, max_size=12)


@given(NAMES, st.text("ab.\U0010ffff", max_size=3))
def test_entries_that_begin_with_a_prefix(names, prefix):
    """Those that do, in the order of the file."""
    header = Header.of("x", [HeaderEntry.of(name, FLOAT32, ()) for name in names])
    found = [entry.name for entry in header.beginning(prefix)]
    assert found == [name for name in names if name.startswith(prefix)]
