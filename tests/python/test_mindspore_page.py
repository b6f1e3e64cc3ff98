"""docs/mindspore.md against what declspore answers."""

from declspore.porting.names import table
from tests.python.write_page import PAGE, has, text


def test_the_page_is_what_declspore_answers():
    """``python -m tests.python.write_page`` writes it."""
    assert PAGE.read_text() == text()


def test_no_name_of_mindspore_is_an_attribute_error():
    """:func:`has` lets any other error than Unsupported through."""
    for home, names in table().items():
        for name in names:
            has(home, name)


def test_what_is_there_has_a_docstring():
    """What ``help`` shows: every function and class has a text of its own."""
    from tests.python.write_page import _owner

    silent = [
        f"{home}.{name}"
        for home in ("mindspore", "mindspore.nn", "mindspore.ops", "mindspore.train")
        for name in table()[home]
        if has(home, name)
        and callable(value := getattr(_owner(home), name))
        and not (value.__doc__ or "").strip()
    ]
    assert silent == []
