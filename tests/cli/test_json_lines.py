"""``declspore run --json-lines``: what happens, a line each."""

import json

from tests.cli.support import failing, said
from tests.tasks.train.support import written

MORE = 'save "out/{epoch}.ckpt" every 1 epochs'


def _events(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_training_in_lines(here):
    spec = written(here, "Validate(d, metrics = [Accuracy()])", more=MORE)
    events = _events(failing("run", spec, "--json-lines").stdout)
    assert events[0] == {"event": "begin", "task": "t", "kind": "train"}
    assert [each["event"] for each in events[-2:]] == ["end", "done"]
    assert events[-1] == {"event": "done", "ok": True, "diagnostics": []}
    steps = [each for each in events if "loss" in each and each["event"] == "progress"]
    assert [each["done"] for each in steps] == [5, 10]
    assert {each["total"] for each in steps} == {10}
    assert all(each["learning_rate"] > 0 for each in steps)
    figures = [each for each in events if "accuracy" in each]
    assert [(each["epoch"], each["done"]) for each in figures] == [(1, 5), (2, 10)]
    end = events[-2]
    assert (end["kind"], end["steps"], end["files"]) == (
        "trained",
        10,
        ["out/1.ckpt", "out/2.ckpt"],
    )
    assert [row["epoch"] for row in end["history"]["epochs"]] == [1, 2]


def test_what_is_wrong_is_a_line_too(here):
    (here / "t.spec").write_text("spec 1\ntrain t {\n}\n")
    done = failing("run", "t.spec", "--json-lines")
    (event,) = _events(done.stdout)
    assert (event["event"], event["ok"]) == ("failed", False)
    assert event["diagnostics"][0]["code"].startswith("E")
    assert done.exit_code == 1


def test_one_way_of_json_at_a_time(here):
    assert "one document" in failing("run", written(here), "--json", "--json-lines").stdout


def test_notes_are_lines(here):
    spec = written(here, more=MORE)
    said("run", spec)
    events = _events(failing("run", spec, "--json-lines", "--fresh").stdout)
    notes = [each["text"] for each in events if each["event"] == "note"]
    assert notes == ["writes over 2 files of an earlier run: out/1.ckpt ... out/2.ckpt"]
