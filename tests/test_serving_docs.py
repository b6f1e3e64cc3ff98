"""What docs/inference.md and docs/serving.md show works: every block is run, in order."""

import os

import numpy as np
import pytest
from PIL import Image

from tests.conftest import GOLDEN, ROOT
from tests.pages import blocks, walk


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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inference.md", "serving.md"])
def test_page(here, name):
    page = ROOT / "docs" / name
    assert {language for language, _, _ in blocks(page)} == {"sh", "python", "spec"}
    walk(page, here)
    made = {each for each in os.listdir(here) if not each.endswith((".lock", ".spec"))}
    assert made >= {"lenet.ckpt"}
