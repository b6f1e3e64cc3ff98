import pytest

from declspore.ir.timeline import Timeline
from declspore.registry.policy import policy
from tests.policies.support import Judged


def _judged(figures, path="best", figure="accuracy", top=1):
    return Judged(policy("SaveBest", path=path, figure=figure, top=top), figures, figure)


def test_a_file_is_written_when_the_figure_is_better():
    found = _judged((0.1, 0.3, 0.2, 0.3, 0.4))
    assert found.requests == [["ToSave"], ["ToSave"], [], [], ["ToSave"]]
    assert found.state["best"] == [[0.4, "best"]]


def test_less_is_better_for_a_loss():
    assert [bool(each) for each in _judged((3, 2, 4, 1), figure="eval_loss").requests] == [
        *(True, True, False, True)
    ]


def test_so_many_of_the_best_stay():
    found = _judged((0.1, 0.3, 0.2, 0.05, 0.25), "{epoch}_{figure:.2f}", top=2)
    assert found.state["best"] == [[0.3, "2_0.30"], [0.25, "5_0.25"]]
    assert found.requests[2] == ["ToSave", "ToRemove"]
    assert found.requests[3] == []


def test_a_figure_that_is_not_a_number_is_never_best():
    assert _judged((float("nan"), 0.1)).requests == [[], ["ToSave"]]


@pytest.mark.parametrize(("path", "files"), [("best", ["best"]), ("{epoch}", [])])
def test_its_files_are_known_where_their_name_is(path, files):
    save = policy("SaveBest", path=path, figure="accuracy")
    assert list(save.writes(Timeline(3, 4, 12))) == files
