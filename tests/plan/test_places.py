"""Places where nothing can be written, or where something else would be written over."""

import numpy as np
import pytest

from declspore.plan.planner import make_plan
from declspore.plan.writable import why_unwritable
from declspore.report import DiagnosticError
from tests.checkpoint.support import written
from tests.support import checked

NET = """
network N() {
  fc = Dense(4, 3)
  construct(x: f32[B, 4]) = fc(x)
}
dataset d = NumpySlices("d.npz", [Column("x", [4])], [Column("y", dtype = i32)]) |> batch(2)
"""
TRAIN = """train {name} {{
  network = N() dataset = d loss = CrossEntropyLoss() optimizer = SGD(0.1) length = 1 epochs
  {more}
}}
"""
EDIT = """edit e {{
  in src = ckpt("{source}")
  out dst = ckpt("{target}"{more})
}}
"""


@pytest.fixture
def files(here):
    np.savez("d.npz", x=np.zeros((4, 4), np.float32), y=np.zeros(4, np.int32))
    written("a.ckpt", {"x": np.zeros(3, np.float32)})
    return here


def _problem(text):
    with pytest.raises(DiagnosticError) as caught:
        make_plan(checked(text))
    (found,) = caught.value.diagnostics
    return " ".join((found.code, found.title, *found.helps))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "its path is empty"),
        ("~/net.ckpt", "`~` is no folder here: /"),
        ("https://host/net.ckpt", "it is an address"),
        ("net.ckpt/", "its path ends as that of a folder"),
        ("a.ckpt/net.ckpt", "a.ckpt is not a folder"),
        (".", "it is a folder"),
        ("/dev/null", "it is a device"),
    ],
)
def test_where_no_file_can_be_put(files, path, reason):
    assert reason in why_unwritable(path)
    assert reason in _problem(EDIT.format(source="a.ckpt", target=path, more=""))
    save = f'save "{path}" every 1 epochs'
    assert reason in _problem(NET + TRAIN.format(name="t", more=save))


def test_a_set_is_a_folder_and_no_file(files):
    assert why_unwritable("new/", is_set=True) is None
    assert "needs a folder" in why_unwritable("a.ckpt", is_set=True)


@pytest.mark.parametrize(
    ("path", "help"),
    [("~/a.ckpt", "`~` is no folder here: /"), ("http://host/a.ckpt", "download it first")],
)
def test_where_no_file_can_be_read(files, path, help):
    assert help in _problem(EDIT.format(source=path, target="b.ckpt", more=""))
    data = NET.replace("d.npz", path) + TRAIN.format(name="t", more="")
    assert help in _problem(data)


def test_a_task_does_not_write_over_its_own_data(files):
    text = 'predict p { network = N() load = none dataset = d save "d.npz" }'
    assert "p writes over d.npz, which it reads its data from" in _problem(
        NET.replace(', [Column("y", dtype = i32)]', "") + text
    )


def test_two_tasks_do_not_write_one_file(files):
    save = 'save "{epoch}.ckpt" every 1 epochs'
    both = "".join(TRAIN.format(name=name, more=save) for name in "tu")
    assert "E546 t and u both write 1.ckpt" in _problem(NET + both)
    other = TRAIN.format(name="u", more='save "u/{epoch}.ckpt" every 1 epochs')
    make_plan(checked(NET + TRAIN.format(name="t", more=save) + other))


def test_a_training_writes_each_file_once(files):
    for twice, line in (
        ("`log` names log.csv twice", 'log "log.csv", "log.csv"'),
        ("`save` names a.ckpt twice", 'save "a.ckpt" every 1 epochs save "a.ckpt" every 2 steps'),
        (
            'E546 `save "{epoch}.ckpt"` and `save "{step}.ckpt"` both write 1.ckpt',
            'save "{epoch}.ckpt" every 1 epochs save "{step}.ckpt" every 1 steps',
        ),
    ):
        assert twice in _problem(NET + TRAIN.format(name="t", more=line))


@pytest.mark.parametrize(("key", "found"), [("abc", "3 bytes"), ("", "0 bytes")])
def test_the_key_of_an_output_has_the_length_it_needs(files, monkeypatch, key, found):
    monkeypatch.setenv("A_KEY", key)
    text = EDIT.format(source="a.ckpt", target="b.ckpt", more=', key_env = "A_KEY"')
    assert f"E515 the key has {found}, AES-GCM needs 16" in _problem(text)
