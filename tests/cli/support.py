"""What tests of commands share."""

import json
import re

from tests.conftest import GOLDEN

LENET = GOLDEN / "lenet-1_5.ckpt"
SECRET = "0123456789abcdef"


def codes(done) -> list[str]:
    """The codes of the errors a command told, and no traceback."""
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return re.findall(r"error\[(E\d{3})\]", done.stderr)


def parsed(done):
    """What a command printed, as JSON."""
    return json.loads(done.stdout)
