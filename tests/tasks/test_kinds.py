"""A kind of task is what it declares: one from outside the package is checked, planned, run,
locked and printed as any other."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from declspore.check.attributes import Attributes
from declspore.check.task import (
    Task,
    TaskAttribute,
    TaskKind,
    TaskStatement,
    registered,
    task_kinds,
)
from declspore.plan.task import TaskPlan
from declspore.run.task import Result
from tests.cli.support import failing, said
from tests.support import problems


@dataclass(frozen=True)
class Greeting(Task):
    text: str
    path: str


@dataclass(frozen=True)
class Planned(TaskPlan):
    task: Greeting

    @property
    def title(self):
        return f"greet {self.task.name}"

    def lines(self):
        return [f"greet {self.task.name}", f"  writes     {self.task.path}"]

    def facts(self):
        return {"text": self.task.text}

    def writes(self):
        return (self.task.path,)


@dataclass(frozen=True)
class Greeted(Result):
    path: str

    def lines(self):
        return [f"{self.task}: wrote {self.path}"]


def check(kind, task, evaluation, scope):
    a = Attributes(kind, task, evaluation, scope)
    text = a.expect("text", str, "a text")
    saves = task.clauses("save")
    if text is None or not saves:
        return None
    return Greeting(kind, a.name.text, task.span, text, str(saves[0].texts[0].value))


def plan(task, context):
    return Planned(task)


def run(planned, reporter, recorder):
    with open(planned.task.path, "w", encoding="utf-8") as file:
        file.write(planned.task.text)
    recorder.wrote_file(planned, "save", planned.task.path)
    return Greeted(planned.task.name, planned.task.path)


KIND = TaskKind(
    name="greet",
    summary="Writes a text.",
    example='greet hello {\n  text = "hello"\n  save "hello.txt"\n}',
    check=check,
    plan=f"{__name__}:plan",
    run=f"{__name__}:run",
    attributes=(TaskAttribute("text", "what is written", required=True),),
    statements=(TaskStatement("save", "the file", required=True),),
    computes=False,
)


@pytest.fixture
def spec(here):
    (here / "g.spec").write_text(f"spec 1\n{KIND.example}\n")
    with registered(KIND):
        yield "g.spec"
    assert "greet" not in task_kinds()


def test_it_is_checked_planned_and_printed(spec):
    assert "ok (0 networks, 0 datasets, 1 task)" in said("check", spec)
    assert said("plan", spec) == "greet hello\n  writes     hello.txt\n"
    (facts,) = json.loads(said("plan", spec, "--json"))["tasks"]
    assert facts == {"task": "hello", "kind": "greet", "text": "hello"}
    assert said("fmt", "--check", spec) == ""
    assert "what is written" in said("docs", "greet")
    tree = json.loads(said("ast", spec))
    assert tree["declarations"][0]["kind"]["text"] == "greet"


def test_it_is_run_and_locked(spec):
    assert "hello: wrote hello.txt" in said("run", spec)
    assert Path("hello.txt").read_text() == "hello"
    locked = json.loads(Path("g.spec.lock").read_text())["tasks"]["hello"]
    assert locked["kind"] == "greet"
    assert [file["path"] for file in locked["outputs"]] == ["hello.txt"]
    said("verify", spec)
    os.unlink("hello.txt")
    assert failing("verify", spec).exit_code == 2
    (result,) = json.loads(said("run", spec, "--json"))["results"]
    assert result == {"kind": "greeted", "task": "hello", "path": "hello.txt", "notes": []}


def test_its_mistakes_are_diagnostics(spec):
    assert problems("greet a {\n  txt = 1\n}") == [
        "E312 2 `a` needs `save`",
        "E208 3 `greet` has no attribute `txt`",
    ]


def test_without_it_the_word_is_unknown(here):
    assert problems(KIND.example)[0] == "E215 2 unknown kind of task `greet`"


@pytest.mark.parametrize("kind", task_kinds().values(), ids=str)
def test_the_example_of_a_kind_parses_and_its_parts_are_documented(kind):
    from declspore.source import Source
    from declspore.syntax.parse import parse

    (task,) = parse(Source("example", f"spec 1\n{kind.example}\n")).declarations
    assert task.kind.text == kind.name
    assert all(part.help for part in (*kind.attributes, *kind.statements))
