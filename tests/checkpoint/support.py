"""Short ways to open and write checkpoints in tests."""

from declspore.checkpoint.format import Computed
from declspore.checkpoint.reader import Access
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.plan.files import open_any


def opened(path, access=None, *, lenient=False):
    return open_any(str(path), access or Access(), lenient=lenient)


def piece(name, content):
    """A piece with a value that already exists."""
    return Computed(value_header("test", name, content), lambda: content)


def written(path, values, **options):
    write_checkpoint(path, [piece(name, content) for name, content in values.items()], **options)
    return path
