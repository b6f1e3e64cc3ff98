import json
from pathlib import Path

from declspore.registry.policy import policy
from tests.policies.test_csv_log import Finding
from tests.training.support import PLAIN, descent, engine_of, trainee_of


def test_every_line_is_a_step(here):
    policies = [policy("JsonLog", path="log.jsonl"), Finding()]
    engine_of(trainee_of(PLAIN, descent), policies).train()
    found = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
    assert [one["step"] for one in found] == list(range(1, 11))
    assert list(found[0]) == ["step", "epoch", "step_in_epoch", "loss", "learning_rate"]
    assert found[4]["accuracy"] == 0.25
