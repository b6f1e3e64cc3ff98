"""Strategy files, in both forms."""

import json
from pathlib import Path

import pytest

from declspore.checkpoint.sharding.strategy import as_json, protobuf, read_strategy
from declspore.report import DiagnosticError
from tests.checkpoint.sharding import Cut, strategy_of, write_strategy

STAGES = [
    {"a.weight": Cut((2, 2), (1, -1)), "tied": Cut((2, 2), (0, -1), 2)},
    {"b.weight": Cut((2, 2), ((0, 1), -1)), "tied": Cut((2, 2), (-1, 1))},
]


TWO_SIZES = (
    b'{"parallel_layout_item": {"a": {"dev_matrix": [2], "tensor_map": [0]},'
    b'"b": {"dev_matrix": [4], "tensor_map": [0]}}}'
)


ITEM = b'{"dev_matrix": [2], "tensor_map": [0]}'
OF_STAGE = (
    b'{"parallel_strategy_item": {"a": {"stage": %s}}, "parallel_layout_item": {"a": '
    + ITEM
    + b"}}"
)


@pytest.mark.parametrize("suffix", [".ckpt", ".json"])
@pytest.mark.parametrize("stages", [STAGES[:1], STAGES], ids=["one", "merged"])
def test_both_forms(here, suffix, stages):
    wanted = strategy_of(stages)
    found = read_strategy(write_strategy(f"s{suffix}", stages))
    assert found == wanted
    assert (found.ranks, list(found.names())) == (4 * len(stages), list(wanted.names()))


def test_the_files_of_all_stages(here):
    """Each stage has a file of its own, in which names do not carry the stage."""
    for stage, layouts in enumerate(STAGES):
        table = json.loads(as_json(strategy_of([layouts])))
        for node in table["parallel_strategy_item"].values():
            node["stage"] = stage
        Path(f"stage{stage}.json").write_text(json.dumps(table))
    assert read_strategy("stage*.json") == strategy_of(STAGES)
    assert read_strategy("stage0.json") == strategy_of(STAGES[:1])
    with pytest.raises(DiagnosticError, match="stage 0 is missing") as error:
        read_strategy("stage1.json")
    assert 'strategy = "strategies/*.ckpt"' in str(error.value)


def test_names_with_dashes(here):
    """A number and a dash are a stage only where all names begin so."""
    stages = [{"1-a": Cut((2,), (0,)), "b-c": Cut((2,), (-1,))}]
    assert read_strategy(write_strategy("s.ckpt", stages)) == strategy_of(stages)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("s.ckpt", b"\x0a\x03abc", "does not contain any layout"),
        ("s.ckpt", b"\x1a\xff\xff\xff\xff\x0f", "not a strategy file"),
        ("s.ckpt", b"", "does not contain any layout"),
        ("s.json", b"[1]", "not a strategy file"),
        ("s.json", b"{", "not a strategy file"),
        ("s.json", OF_STAGE % b"1e999", "1e999 is not a number"),
        ("s.json", OF_STAGE % b"-1", "it is of stage -1"),
        ("s.json", OF_STAGE % b"4000000000000", "it is of stage 4000000000000"),
        ("s.json", b'{"parallel_layout_item": {"999999999-a": %s}}' % ITEM, "of stage 999999999"),
        (
            "s.json",
            b'{"parallel_layout_item": {"a": {"dev_matrix": [2000000000], "tensor_map": [0]}}}',
            "more than 65,536 devices",
        ),
        (
            "s.ckpt",
            b"\x1a\x0e\x0a\x02\xff\xfe\x12\x08\x0a\x02\x08\x02\x12\x02\x08\x00",
            "not UTF-8",
        ),
        ("s.json", b"[" * 100_000, "deeply|not a strategy"),
        ("s.json", b'{"parallel_layout_item": {"a": {"dev_matrix": 1}}}', "not a strategy file"),
        (
            "s.json",
            b'{"parallel_layout_item": {"a": {"dev_matrix": [2.5], "tensor_map": [0]}}}',
            "2.5 of a is not an integer",
        ),
        (
            "s.json",
            b'{"parallel_layout_item": {"a": {"dev_matrix": [2], "tensor_map": [3]}}}',
            "entry `a`",
        ),
        (
            "s.json",
            b'{"parallel_layout_item": {"a": {"dev_matrix": [2], "tensor_map": [0], "field": 1}}}',
            "fields",
        ),
        (
            "s.json",
            TWO_SIZES,
            "different numbers of devices",
        ),
    ],
)
def test_files_that_cannot_be_used(here, name, data, said):
    Path(name).write_bytes(data)
    with pytest.raises(DiagnosticError, match=said) as error:
        read_strategy(name)
    assert "E576" in str(error.value)


def test_a_file_that_is_missing(here):
    with pytest.raises(DiagnosticError, match="E501"):
        read_strategy("nowhere.ckpt")


def test_two_files_of_one_stage(here):
    one, other = STAGES[0], {"a.weight": Cut((2, 2), (0, -1))}
    Path("s0.ckpt").write_bytes(protobuf(strategy_of([one])))
    Path("s1.ckpt").write_bytes(protobuf(strategy_of([one])))
    assert read_strategy("s*.ckpt") == strategy_of([one])
    Path("s1.ckpt").write_bytes(protobuf(strategy_of([other])))
    with pytest.raises(DiagnosticError, match="describes stage 0 otherwise than s0"):
        read_strategy("s*.ckpt")
