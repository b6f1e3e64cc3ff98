"""The shape of the program: what may import what, and what a command may load."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from declspore.registry.table import families
from tests.conftest import GOLDEN, ROOT, SPECS

HEAVY = ("keras", "tensorflow", "jax", "torch")


def test_import_contracts():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_contracts_name_every_room_of_words():
    """import-linter wants lists; a new family of words must be in them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contracts = {contract["name"]: contract for contract in settings["contracts"]}
    rooms = {family.room for family in families()}
    layers = contracts["Data flows down; imports point down"]["layers"]
    (layer,) = (layer for layer in layers if "cells" in layer.split(" | "))
    assert set(layer.split(" | ")) == rooms
    apart = contracts["Rooms do not know each other"]["modules"]
    assert set(apart) == {f"declspore.{room}.*" for room in rooms}
    plain = contracts["Keras belongs to the compiler and what stands on it"]["source_modules"]
    assert {f"declspore.{room}" for room in rooms} <= set(plain)


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", GOLDEN / "lenet-1_5.ckpt"],
        ["check", SPECS / "quickstart.spec"],
        ["plan", SPECS / "quickstart.spec", "lenet"],
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_light_commands_load_no_keras(arguments):
    code = (
        "import sys\n"
        "from declspore.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not heavy, heavy\n"
        f"assert {arguments[0] == 'inspect'!r} <= ('numpy' not in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_an_edit_loads_no_keras_and_one_of_names_no_numpy(here):
    (here / "edit.spec").write_text(
        f'spec 1\nedit e {{\n  in src = ckpt("{GOLDEN / "lenet-1_5.ckpt"}")\n'
        '  out dst = ckpt("out.ckpt")\n  delete src.`moments.**`\n}\n'
    )
    code = (
        "import sys\nfrom declspore.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"assert not [name for name in {(*HEAVY, 'numpy')!r} if name in sys.modules]\n"
    )
    done = subprocess.run([sys.executable, "-c", code, "run", "edit.spec"], capture_output=True)
    assert done.returncode == 0, done.stderr
    assert (here / "out.ckpt").exists()


def test_reading_a_checkpoint_from_python_loads_no_keras():
    code = (
        f"import sys, declspore\n"
        f"d = declspore.load_checkpoint({str(GOLDEN / 'lenet-1_5.ckpt')!r})\n"
        "d['fc1.bias'].asnumpy()\n"
        f"assert not [name for name in {HEAVY!r} if name in sys.modules]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


PAGE = (ROOT / "ARCHITECTURE.md").read_text()


def test_the_page_of_architecture_names_every_room():
    rooms = {
        path.name for path in (ROOT / "declspore").iterdir() if (path / "__init__.py").exists()
    }
    assert not [room for room in sorted(rooms) if f"{room}/" not in PAGE]


def test_what_the_page_of_architecture_names_is_there():
    """Files and folders between backticks, seen from the project or from the package."""
    named = re.findall(r"`(?:declspore/)?([a-z_./]+(?:\.py|/))(?:: \w+)?`", PAGE)
    roots = ROOT, ROOT / "declspore", ROOT / "declspore" / "tasks" / "edit"  # a kind of task
    missing = [name for name in named if not any((root / name).exists() for root in roots)]
    assert len(named) > 60
    assert missing == []


def test_the_page_of_architecture_says_where_the_tests_of_a_room_are():
    section = PAGE.partition("## Where is the test of")[2].partition("\n## ")[0]
    rows = [row.split("|") for row in section.splitlines() if row.startswith("| `")]
    elsewhere = {room for _, rooms, *_ in rows for room in re.findall(r"`(\w+)/`", rooms)}
    for _, _, tests, _ in rows:
        assert all((ROOT / path).exists() for path in re.findall(r"`([^`]+)`", tests)), tests
    rooms = {
        path.name for path in (ROOT / "declspore").iterdir() if (path / "__init__.py").exists()
    }
    found = {room for room in rooms if (ROOT / "tests" / room).is_dir()}
    assert rooms - found == elsewhere
