"""What the documents say works: specs in them, commands, examples."""

import re
import subprocess
import sys

import pytest

from declspore.check.check import check
from declspore.source import Source
from tests.conftest import GOLDEN, ROOT

DOCUMENTS = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("language", "porting", "training")),
]
BLOCKS = [
    (document.name, number, block)
    for document in DOCUMENTS
    for number, block in enumerate(re.findall(r"```spec\n(.*?)```", document.read_text(), re.S))
]


@pytest.mark.parametrize(
    ("name", "number", "block"), BLOCKS, ids=[f"{name}-{number}" for name, number, _ in BLOCKS]
)
def test_specs_in_documents(name, number, block):
    text = block if block.lstrip().startswith("spec 1") else f"spec 1\n{block}"
    check(Source(f"{name}#{number}", text))


def test_there_are_specs_in_every_document():
    assert {name for name, _, _ in BLOCKS} == {document.name for document in DOCUMENTS}


def test_ci_runs_the_readmes_test_command():
    """README's second command is the one that CI runs."""
    first, second = re.findall(r"```sh\n(.*?)\n```", (ROOT / "README.md").read_text(), re.S)
    assert first.endswith("run specs/quickstart.spec")
    assert second in (ROOT / ".ci" / "run").read_text().splitlines()
    assert second in (ROOT / "CONTRIBUTING.md").read_text().replace("   # the tests", "")


def test_readme_lists_every_command():
    from declspore.cli import main

    listed = re.findall(r"\| `declspore (\w+)", (ROOT / "README.md").read_text())
    assert sorted(listed) == sorted(main.commands)


def _console(command: str) -> list[str]:
    """What README shows below a command."""
    found = re.search(
        rf"\$ {re.escape(command)}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    return [line.rstrip() for line in found[1].splitlines() if line.strip() != "..."]


def test_readmes_diagnostic_is_the_one_that_is_printed(declspore, here):
    """The wrong spec of README is its first one with 256 for 16 * 5 * 5."""
    (here / "lenet.spec").write_text(BLOCKS[0][2].replace("16 * 5 * 5", "256"))
    printed = [line.rstrip() for line in declspore("check", "lenet.spec").stderr.splitlines()]
    assert printed == _console("declspore check lenet.spec")


def test_readmes_plan_is_the_one_that_is_printed(declspore, here):
    (here / "edit.spec").write_text(BLOCKS[0][2])
    (here / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    printed = [line.rstrip() for line in declspore("plan", "edit.spec").stdout.splitlines()]
    shown = _console("declspore plan edit.spec")
    assert [line for line in shown if line not in printed] == []


def test_guide(here):
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "guide.py")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "epoch: 1 step: 32, loss is" in done.stdout
    assert "guide/new.ckpt: 18 entries" in done.stdout
    assert sorted(path.name for path in (here / "guide").iterdir()) == [
        *("lenet-1_32.ckpt", "lenet-1_44.ckpt", "new.ckpt")
    ]


def test_transfer_learning(declspore, here):
    spec = here / "transfer_learning.spec"  # where its lock may be written
    spec.write_text((ROOT / "examples" / spec.name).read_text())
    done = declspore("run", spec, "--set", "length=2 epochs")
    assert done.returncode == 0, done.stderr
    assert re.search(r"result: accuracy 0\.\d+, loss \d", done.stdout)
    assert (here / "out" / "tuned-2_44.ckpt").exists()
