"""Which GPUs a process has. No GPU is needed for it, and none was used."""

import pytest

from declspore.devices.gpus import VISIBLE, gpus_of, settings_of, visible_gpus

DEV = ["null", "nvidiactl", "nvidia10", "nvidia0", "nvidia2", "nvidia-uvm"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, ["0", "2", "10"]),
        ("", []),
        ("-1", []),
        ("3,1", ["3", "1"]),
        ("GPU-8932f937, 2", ["GPU-8932f937", "2"]),
        ("1,-1,2", ["1"]),
    ],
)
def test_gpus_of_a_machine(said, expected):
    """Numbers and names as CUDA reads them: what follows one that is none does not count."""
    assert visible_gpus({} if said is None else {VISIBLE: said}, DEV) == expected


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [
        (0, 2, [[], []]),
        (2, 2, [["0"], ["1"]]),
        (4, 2, [["0", "1"], ["2", "3"]]),
        (5, 2, [["0", "1"], ["2", "3", "4"]]),
        (8, 3, [["0", "1"], ["2", "3", "4"], ["5", "6", "7"]]),
        (1, 3, [["0"], ["0"], ["0"]]),
        (2, 4, [["0"], ["0"], ["1"], ["1"]]),
    ],
)
def test_division(count, size, expected):
    every = [str(number) for number in range(count)]
    assert [gpus_of(every, rank, size) for rank in range(size)] == expected


def test_what_a_process_is_told():
    assert settings_of(["0", "2"], 1, 2) == {VISIBLE: "2"}
    shared = {VISIBLE: "7", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    assert settings_of(["7"], 1, 3) == shared
    assert settings_of(["0", "1"], 0, 1) == {}
    assert settings_of([], 1, 2) == {}
