"""AutoAugment, RandAugment and TrivialAugmentWide: every outcome MindSpore has is one of ours, to
the byte, and equally likely."""

import hashlib
import json
from itertools import product

import numpy as np
import pytest
from scipy import stats

from declspore.ir.dtype import UINT8
from declspore.ir.shape import TensorType
from declspore.numerics.auto_augment import POLICIES
from declspore.registry.data import TransformKind
from declspore.registry.table import vocabulary
from declspore.transforms.augment import CHANGES
from tests.conftest import GOLDEN
from tests.data.support import term
from tests.oracle.pictures import augmented
from tests.support import problems

MOVED = "moved"
"""What MindSpore moves out of sight, and the paper does not."""


def _digest(image) -> str:
    return hashlib.sha1(np.ascontiguousarray(image).tobytes()).hexdigest()[:12]


def _outcomes(policy: str) -> dict[str, float]:
    """How likely each outcome is, by the digest of its bytes."""
    found: dict[str, float] = {}
    image, call = augmented(), term(f'AutoAugment("{policy}")')
    kind = vocabulary().of(TransformKind, call.word)
    for place, pair in enumerate(POLICIES[policy]):
        for choices in product((True, False), repeat=4):
            happens, signs = choices[::2], choices[1::2]
            shares = [p if yes else 1 - p for (_, p, _), yes in zip(pair, happens, strict=True)]
            likely = np.prod(shares) / 4 / len(POLICIES[policy])
            if not likely:
                continue
            draws = [(place + 0.5) / len(POLICIES[policy])]
            for yes, sign in zip(happens, signs, strict=True):
                draws += [0.0 if yes else 0.9999999, 0.2 if sign else 0.8]
            moves = any(
                name.startswith("Translate") and yes
                for (name, _, _), yes in zip(pair, happens, strict=True)
            )
            made = kind.compute(call.arguments, TensorType(UINT8, image.shape), image, draws)
            assert made.shape == image.shape
            digest = _digest(made)
            found[MOVED if moves else digest] = found.get(MOVED if moves else digest, 0) + likely
    return found


@pytest.mark.parametrize("policy", POLICIES)
def test_outcomes_like_mindspore(policy):
    counts = json.loads((GOLDEN / "auto_augment.json").read_text())[policy]
    likely = _outcomes(policy)
    assert sum(likely.values()) == pytest.approx(1)
    others = set(counts) - set(likely)
    assert len(others) == (MOVED in likely)  # the picture without anything left in sight
    seen = [sum(counts[o] for o in others) if d == MOVED else counts.get(d, 0) for d in likely]
    total = sum(counts.values())
    assert stats.chisquare(seen, np.array([*likely.values()]) * total).pvalue > 1e-3


RANDOM = json.loads((GOLDEN / "rand_augment.json").read_text())


def _random_outcomes(text: str) -> dict[str, float]:
    """How likely each outcome is for MindSpore, which moves a picture out of sight. Its numbers by
    chance include their end: of 15 kinds the last changes nothing, and one sign is twice as likely.
    """
    found: dict[str, float] = {}
    image, call = augmented(), term(text)
    kind, type = vocabulary().of(TransformKind, call.word), TensorType(UINT8, image.shape)
    trivial = call.word == "TrivialAugmentWide"
    levels = range(call.arguments.num_magnitude_bins) if trivial else (call.arguments.magnitude,)
    for place, sign, level in product(range(len(CHANGES)), (0.2, 0.8), levels):
        draws = [(place + 0.5) / len(CHANGES), sign, (level + 0.5) / len(levels)]
        moved = CHANGES[place].startswith("Translate") and level > 0
        made = kind.compute(call.arguments, type, image, draws[: kind.draws(call.arguments)])
        assert made.shape == image.shape
        digest = _digest(np.zeros_like(image) if moved else made)
        share = (1 if sign < 0.5 else 2) / 3 / (len(CHANGES) + 1) / len(levels)
        found[digest] = found.get(digest, 0) + share
    found[_digest(image)] += 1 / (len(CHANGES) + 1)
    return found


@pytest.mark.parametrize("text", RANDOM)
def test_random_outcomes_like_mindspore(text):
    counts, likely = RANDOM[text], _random_outcomes(text)
    assert sum(likely.values()) == pytest.approx(1)
    assert set(counts) == set(likely)
    if text.startswith("Trivial"):
        return  # its levels include their end, too, where nothing says what is read
    expected = np.array([*likely.values()]) * sum(counts.values())
    assert stats.chisquare([counts[digest] for digest in likely], expected).pvalue > 1e-3


def test_a_picture_moves_by_the_pixels_of_the_paper():
    image = augmented()
    call = term("RandAugment(1, 30, 31)")
    kind, type = vocabulary().of(TransformKind, call.word), TensorType(UINT8, image.shape)
    place = CHANGES.index("TranslateX")
    for sign, kept, source in (
        (0.8, np.s_[:, 18:], np.s_[:, :22]),
        (0.2, np.s_[:, :22], np.s_[:, 18:]),
    ):
        draws = [(place + 0.5) / len(CHANGES), sign]
        made = kind.compute(call.arguments, type, image, draws)
        np.testing.assert_array_equal(made[kept], image[source])


def test_mistakes():
    wrong = 'dataset d = ImageFolder("f", decode = true) |> AutoAugment("mnist")'
    assert '"imagenet" or "cifar10" or "svhn"' in "\n".join(problems(wrong))
    gray = "dataset d = Digits() |> AutoAugment()"
    assert "takes pictures u8[H, W, 3]" in "\n".join(problems(gray))
