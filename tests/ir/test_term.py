"""Arguments as a tree of values."""

from declspore.ir.term import Arguments, leaves, mapped


def test_a_list_is_a_tree_of_its_items():
    given = Arguments(x=1, rows=((2, 3), (), "four"), none=None)
    assert list(given.leaves()) == [1, 2, 3, "four", None]
    assert given.map(str) == Arguments(x="1", rows=(("2", "3"), (), "four"), none="None")


def test_a_value_is_its_own_leaf():
    assert list(leaves("abc")) == ["abc"]
    assert mapped(2, lambda number: number + 1) == 3
