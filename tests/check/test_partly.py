"""What is known of a spec with mistakes, and what every expression is."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from declspore.check.check import check, check_partly
from declspore.check.task import TaskKind
from declspore.language.deferred import Deferred
from declspore.source import Source, Span
from declspore.syntax import ast
from tests.conftest import SPECS

TEXT = """spec 1
let wide = 8
let broken = wide + "x"
network Good() {
  fc = Dense(4, wide)
  construct(x: f32[B, 4]) -> f32[B, 8] = x |> fc |> relu
}
network Bad() {
  fc = Dense(5, 8)
  construct(x: f32[B, 4]) = fc(x)
}
dataset digits = Digits() |> batch(8)
edit fine {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  delete src.`fc.*` where rank(it) == 1
  ensure finite(dst.`**`)
}
eval wrong {
  network = Good()
  metrics = [Accuracy()]
}
"""


def test_what_is_well_is_known_next_to_every_problem():
    found = check_partly(Source("p.spec", TEXT))
    assert list(found.spec.networks) == ["Good"]
    assert list(found.spec.datasets) == ["digits"]
    assert list(found.spec.tasks) == ["fine"]
    assert found.spec.values["wide"] == 8
    codes = [(d.code, d.labels[0].place.line) for d in found.diagnostics if not d.warning]
    assert codes == [("E309", 3), ("E401", 10), ("E312", 19)]
    assert found.names.top.find("Bad") is not None


def test_a_text_that_does_not_parse_is_known_as_far_as_it_does():
    found = check_partly(Source("p.spec", TEXT.replace("Dense(5, 8)", "Dense(5, 8")))
    assert list(found.spec.networks) == ["Good"]
    assert "E101" in {d.code for d in found.diagnostics}


def test_a_whole_spec_is_known_as_check_knows_it():
    source = Source("lenet.spec", (SPECS / "lenet.spec").read_text(), SPECS / "lenet.spec")
    whole, partly = check(source), check_partly(source).spec
    assert whole.networks.keys() == partly.networks.keys()
    assert [n.types for n in whole.networks.values()] == [n.types for n in partly.networks.values()]


def test_every_expression_can_be_watched_with_its_value_and_type():
    seen: dict[str, str] = {}

    def watch(node, value):
        seen.setdefault(node.span.text, str(value))

    check_partly(Source("p.spec", TEXT), observer=watch)
    assert seen["wide"] == "8"
    assert seen["x |> fc |> relu"] == "f32[B, 8]"
    assert seen["x"] == "f32[B, 4]"
    assert seen["Dense(4, wide)"] == "Dense(...)"


def _nodes(value, seen):
    """The nodes of syntax that a value holds, but for what is deferred until it has values."""
    if id(value) in seen or isinstance(value, Deferred | Span | TaskKind | str):
        return
    seen[id(value)] = value
    if type(value).__module__ == ast.__name__:
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from _nodes(getattr(value, each.name), seen)
    elif isinstance(value, Mapping):
        yield from _nodes(tuple(value.values()), seen)
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _nodes(each, seen)


def test_a_checked_spec_holds_no_syntax():
    found = check_partly(Source("p.spec", TEXT)).spec
    shipped = check(Source("q.spec", (SPECS / "quickstart.spec").read_text(), SPECS / "q.spec"))
    seen = {}
    for spec in (found, shipped):
        assert spec.tasks
        for part in (spec.tasks, spec.networks, spec.datasets, spec.losses):
            assert list(_nodes(part, seen)) == []
    assert len(seen) > 300
