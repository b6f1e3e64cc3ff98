"""Rows of text in aligned columns."""

from declspore.text import columns, table


def test_columns_are_aligned():
    rows = [("entry", "bytes"), ("a.weight", "8"), ("b", "1,024")]
    assert table(rows) == ["entry     bytes", "a.weight  8", "b         1,024"]
    assert table(rows, right=(1,)) == ["entry     bytes", "a.weight      8", "b         1,024"]
    assert table([]) == []


def test_no_cell_breaks_a_line_or_moves_the_cursor():
    assert table([("a\nb\x1b[2J", "x"), ("c", "y")]) == ["a\\nb\\x1b[2J  x", "c            y"]


def test_many_rows_are_counted():
    assert columns([("a", "b")] * 3, limit=2) == "a  b\na  b\n... and 1 more"
