"""What tests of locks share."""

import pytest

from tests.conftest import GOLDEN
from tests.lock.support import EDIT


@pytest.fixture
def recipe(here):
    (here / "edit.spec").write_text(EDIT)
    (here / "shapes.spec").write_text("spec 1\nlet size = 5\n")
    (here / "in").mkdir()
    (here / "in" / "net.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    return here
