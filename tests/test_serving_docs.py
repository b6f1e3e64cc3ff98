"""What docs/inference.md and docs/serving.md show works: every block is run, in order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import GOLDEN, ROOT

BLOCK = re.compile(r"^```(sh|python|spec)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lenet.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
    (tmp_path / "photos").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (3, 40, 50, 3), np.uint8)
    for index, each in enumerate(pixels):
        Image.fromarray(each).save(tmp_path / "photos" / f"{index}.png")
    (tmp_path / "names.txt").write_text("".join(f"digit {i}\n" for i in range(10)))
    return tmp_path


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stderr[-3000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inference.md", "serving.md"])
def test_page(here, name):
    text = (ROOT / "docs" / name).read_text()
    blocks = BLOCK.findall(text)
    assert {language for language, _, _ in blocks} == {"sh", "python", "spec"}
    binary = Path(sys.executable).with_name("declspore")
    for language, file, body in blocks:
        if language == "spec":
            (here / file).write_text(body)
        elif language == "python":
            run([sys.executable, "-c", body])
        else:
            for line in body.replace("\\\n", " ").splitlines():
                program, *arguments = shlex.split(line)
                assert program == "declspore"
                run([str(binary), *arguments])
    made = {each for each in os.listdir(here) if not each.endswith((".lock", ".spec"))}
    assert made >= {"lenet.ckpt"}
