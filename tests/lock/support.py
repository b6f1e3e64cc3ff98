"""What tests of locks share."""

import hashlib
import json
from pathlib import Path

import jsonschema
from blake3 import blake3
from click.testing import CliRunner

from declspore.cli import main
from tests.checkpoint.support import opened
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs" / "lock.schema.json").read_text())
EDIT = """spec 1
import "shapes.spec" (size)
param std: float = 0.5
edit first {
  in src  = ckpt("in/net.ckpt")
  out dst = ckpt("out/first.ckpt")
  delete src.`fc3.*`
  rename src.`fc1.{p}` -> `neck.{p}`
  add `head.weight` = normal([size, 3], std = std, seed = 7)
}
edit second {
  in src  = first.dst
  out dst = safetensors("out/second.safetensors")
  delete src.`moments.**`
}
"""


def run(*arguments, status=0):
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done


def lock(name="edit.spec"):
    value = json.loads(Path(f"{name}.lock").read_text())
    jsonschema.validate(value, SCHEMA)
    return value


def change(path, name):
    """Another value for one tensor, in place."""
    with opened(path) as checkpoint:
        (part,) = checkpoint.by_name[name].parts
    data = bytearray(Path(path).read_bytes())
    data[part.start] ^= 1
    Path(path).write_bytes(data)


def b3(path):
    """What ``b3sum`` prints for a file."""
    return blake3(Path(path).read_bytes()).hexdigest()


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def other_import(here):
    (here / "shapes.spec").write_text("spec 1\nlet size = 6\n")
