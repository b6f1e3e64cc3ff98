from pathlib import Path

import numpy as np
import pytest

from declspore.policies.event_log import EventLog
from declspore.registry.policy import policy
from tests.cli.support import failing
from tests.policies.test_csv_log import Finding, before_end
from tests.tasks.train.support import with_policies
from tests.training.support import PLAIN, Looking, descent, engine_of, trainee_of


def _engine(steps, every=2):
    policies = [policy("EventLog", path="events/"), Finding(), Looking(every)]
    return engine_of(trainee_of(PLAIN, descent), policies, steps=steps)


def _events():
    """What TensorBoard reads: the scalars by step."""
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    (path,) = Path("events").iterdir()
    found = []
    for event in loader.LegacyEventFileLoader(str(path)).Load():
        for value in event.summary.value:
            found.append((event.step, value.tag, round(value.simple_value, 5)))
    return found


def test_tensorboard_reads_every_step_and_figure(here):
    _engine(10).train()
    found = _events()
    assert [step for step, tag, _ in found if tag == "loss"] == list(range(1, 11))
    assert [one for one in found if one[1] == "accuracy"] == [
        (5, "accuracy", 0.25),
        (10, "accuracy", 0.5),
    ]
    assert {one[2] for one in found if one[1] == "learning_rate"} == {0.1}


@pytest.mark.parametrize("at", [3, 5])
def test_continued_it_holds_the_events_of_the_state_and_those_after(here, at):
    _engine(10).train()
    whole = _events()
    first, state = _engine(at), []
    first._chain.ask = before_end(first._chain.ask, lambda: state.append(first.state))
    first.train()
    (path,) = Path("events").iterdir()
    path.write_bytes(path.read_bytes() + b"half an event")
    second = _engine(10)
    second.restore(state[0])
    second.train()
    assert _events() == whole


def test_the_bytes_are_the_same_but_for_times(here, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    written = []
    for every in (1, 4):
        _engine(10, every).train()
        (path,) = Path("events").iterdir()
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert path == Path(EventLog("events/").path)


def test_without_the_package_the_plan_says_so(here, monkeypatch):
    np.savez("d.npz", x=np.zeros((4, 2), np.float32), y=np.zeros(4, np.int32))
    monkeypatch.setattr("declspore.tasks.train.plan.find_spec", lambda name: None)
    log = 'log "events/"'
    (here / "t.spec").write_text(f"spec 1\n{with_policies('', more=log)}")
    done = failing("plan", "t.spec")
    assert "events/ needs the package tensorboard" in done.stderr
    assert 'pip install "declspore[tensorboard]"' in done.stderr
