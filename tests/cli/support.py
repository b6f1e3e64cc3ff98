"""What tests of commands share."""

import json
import re

from click.testing import CliRunner, Result

from declspore.cli import main
from tests.conftest import GOLDEN

LENET = GOLDEN / "lenet-1_5.ckpt"
SECRET = "0123456789abcdef"


def failing(*arguments) -> Result:
    """What a command does in this process, whatever comes of it."""
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def said(*arguments) -> str:
    """What a command prints that ends well."""
    done = failing(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def codes(done) -> list[str]:
    """The codes of the errors a command told, and no traceback."""
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return re.findall(r"error\[(E\d{3})\]", done.stderr)


def parsed(done):
    """What a command printed, as JSON."""
    return json.loads(done.stdout)
