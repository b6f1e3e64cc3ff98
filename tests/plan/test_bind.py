"""Binding a checkpoint to a network: exact, or every exception stated."""

import re

import numpy as np
import pytest

from declspore.api import load
from declspore.ir.dtype import FLOAT16, FLOAT32
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import path_pattern
from declspore.plan.bind import bind
from declspore.plan.headers import network_entries
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError, Sink
from declspore.source import Source, Span
from declspore.suggest.advice import answered
from tests.checkpoint.support import written
from tests.conftest import SPECS
from tests.support import checked


@pytest.fixture(scope="module")
def wanted():
    return network_entries(load(SPECS / "lenet.spec").LeNet5.network())


SPEC = Source("eval.spec", 'load = ckpt("x.ckpt") ignore = [`no`] fresh = [`none`]')


def _value(attribute):
    """Where an attribute's value stands in the spec."""
    start = SPEC.text.index(f"{attribute} = ") + len(f"{attribute} = ")
    found = re.match(r'ckpt\("x.ckpt"\)|\[[^]]*\]', SPEC.text[start:])
    return Span(SPEC, start, start + found.end())


def _bind(wanted, entries, ignore=(), fresh=(), attribute="load", **use):
    sink = Sink()
    plan = bind(
        wanted,
        Header.of("x.ckpt", entries),
        sink,
        ignore=[path_pattern(p) for p in ignore],
        fresh=[path_pattern(p) for p in fresh],
        spans={what: _value(what) for what in ("ignore", "fresh")} | {attribute: _value("load")},
        attribute=attribute,
        **use,
    )
    return plan, [f"{d.code} {d.title}" for d in sink.diagnostics], answered(sink.diagnostics)


def test_exact(wanted):
    plan, problems, _ = _bind(wanted, wanted)
    assert plan.matched == tuple(entry.name for entry in wanted)
    assert (plan.fresh, plan.ignored, problems) == ((), (), [])


def test_the_order_of_the_file_means_nothing(wanted):
    plan, _, _ = _bind(wanted, reversed(wanted))
    assert plan.matched == tuple(entry.name for entry in wanted)


def test_missing_and_unused_are_reported_together(wanted):
    entries = [*wanted[:-2], HeaderEntry.of("head.weight", FLOAT32, (10, 84))]
    plan, problems, found = _bind(wanted, entries)
    assert plan is None
    assert problems == [
        (
            "E530 the checkpoint lacks 2 parameters of the network; "
            "1 entry of the checkpoint would stay unused"
        ),
    ]
    assert found[0].notes == (
        "would load 6 of 8 tensors, 98.6 % of the values",
        (
            "             checkpoint   network\n"
            "fc3.weight   -            f32[10, 84]\n"
            "fc3.bias     -            f32[10]\n"
            "head.weight  f32[10, 84]  -"
        ),
    )
    assert found[0].helps == (
        "fresh = [`fc3.*`] lets 2 parameters start from the first value",
        "ignore = [`head.weight`]",
    )


def test_fresh_and_ignore(wanted):
    entries = [*wanted[:-2], HeaderEntry.of("head.weight", FLOAT32, (10, 84))]
    plan, problems, _ = _bind(wanted, entries, ignore=["head.*"], fresh=["fc3.*"])
    assert plan.fresh == ("fc3.weight", "fc3.bias")
    assert plan.ignored == ("head.weight",)
    assert problems == []


def test_fresh_starts_anew_even_where_the_file_has_it(wanted):
    plan, _, _ = _bind(wanted, wanted, fresh=["fc3.*"])
    assert plan.fresh == plan.ignored == ("fc3.weight", "fc3.bias")


def test_optimizer_state_is_told_from_weights(wanted):
    slots = [HeaderEntry.of(f"moments.{e.name}", FLOAT32, e.shape) for e in wanted]
    state = [*slots, HeaderEntry.of("momentum", FLOAT32, ())]
    _, problems, found = _bind(wanted, [*wanted, *state], trains=True)
    assert problems == ["E531 9 entries of the checkpoint would stay unused"]
    ignore = 'ignore = "optimizer"'
    assert found[0].helps == (ignore, "`resume` instead of `load` takes the optimizer's state too")
    _, _, found = _bind(wanted, [*wanted, *state])
    assert found[0].helps == (ignore,), "an eval has no `resume`"


def test_exceptions_that_except_nothing_are_not_told_to_be_kept(wanted):
    entries = [*wanted[:-2], HeaderEntry.of("head.weight", FLOAT32, (10, 84))]
    _, problems, found = _bind(wanted, entries, ignore=["no.*"], fresh=["fc4.*"])
    assert problems[1:] == [
        "E534 ignore `no.*` matches nothing in x.ckpt",
        "E534 fresh `fc4.*` matches nothing in the network",
    ]
    assert found[0].helps[0].startswith("fresh = [`fc3.*`] lets")
    assert found[0].helps[1] == "ignore = [`head.weight`]"


def test_a_suggested_edit_is_named_by_the_attribute_that_asked(wanted):
    entries = [HeaderEntry.of(f"network.{e.name}", e.dtype, e.shape) for e in wanted]
    _, _, found = _bind(wanted, entries, attribute="resume", trains=True)
    assert "resume = fit.dst" in found[0].helps[0]


def test_a_slot_never_feeds_a_weight(wanted):
    """MindSpore would load moments.fc3.weight into fc3.weight, by its ending."""
    entries = [
        *wanted[:-2],
        *(HeaderEntry.of(f"moments.{e.name}", FLOAT32, e.shape) for e in wanted),
    ]
    plan, problems, _ = _bind(wanted, entries, ignore=["moments.**"])
    assert plan is None
    assert problems == ["E530 the checkpoint lacks 2 parameters of the network"]


def test_a_prefix_is_suggested_not_stripped(wanted):
    entries = [HeaderEntry.of(f"network.{e.name}", e.dtype, e.shape) for e in wanted]
    plan, _, found = _bind(wanted, entries)
    assert plan is None
    assert found[0].helps == (
        (
            "an edit makes it fit (it is planned, not applied):\n"
            "edit fit {\n"
            '  in src = ckpt("x.ckpt")\n'
            '  out dst = ckpt("x-fit.ckpt")\n'
            "\n"
            "  rename src.`network.{p**}` -> `{p}` exactly 8\n"
            "}\n"
            "then in the task:\n"
            "  load  = fit.dst"
        ),
    )


def test_shapes_and_types(wanted):
    entries = list(wanted)
    entries[0] = HeaderEntry.of(wanted[0].name, FLOAT32, (6, 3, 5, 5))
    entries[1] = HeaderEntry.of(wanted[1].name, FLOAT16, wanted[1].shape)
    entries[2] = HeaderEntry.of(wanted[2].name, FLOAT32, (*wanted[2].shape, 1))
    plan, problems, found = _bind(wanted, entries)
    assert plan is None
    assert problems == [
        (
            "E532 2 entries have another shape than the network; "
            "1 entry has another element type than the network"
        ),
    ]
    assert "conv1.weight  f32[6, 3, 5, 5]" in found[0].notes[1]


def test_patterns_that_match_nothing_are_warned_of(wanted):
    plan, problems, found = _bind(wanted, wanted, ignore=["moments.**"], fresh=["head.*"])
    assert plan is not None
    assert [p[:4] for p in problems] == ["E534", "E534"]
    assert all(diagnostic.warning for diagnostic in found)
    assert [d.labels[0].place.text for d in found] == ["[`no`]", "[`none`]"]


def test_an_optimizers_state_is_ignored_by_one_word(here):
    """`ignore = "optimizer"`, alone or in a list."""
    text = """
network N() {{
  fc = Dense(4, 3)
  construct(x: f32[B, 4]) = fc(x)
}}
dataset d = NumpySlices("d.npz", data = [Column("x", [4])], labels = [Column("y", dtype = i32)])
  |> batch(2)
eval e {{
  network = N() load = ckpt("n.ckpt") dataset = d metrics = [Accuracy()]
  ignore = {}
}}
"""
    np.savez("d.npz", x=np.zeros((4, 4), np.float32), y=np.zeros(4, np.int32))
    values = {"fc.weight": np.zeros((3, 4), np.float32), "fc.bias": np.zeros(3, np.float32)}
    state = {f"moments.{name}": value for name, value in values.items()}
    state |= {"learning_rate": np.float32(0.1), "global_step": np.array([7], np.int32)}
    written("n.ckpt", {**values, **state, "other.weight": values["fc.bias"]})
    (plan,) = make_plan(checked(text.format('["optimizer", `other.*`]'))).tasks
    assert set(plan.load.bind.ignored) == {*state, "other.weight"}
    with pytest.raises(DiagnosticError) as caught:
        make_plan(checked(text.format('"optimizer"')))
    assert "1 entry of the checkpoint would stay unused" in str(caught.value)
    written("n.ckpt", values)
    (plan,) = make_plan(checked(text.format('"optimizer"'))).tasks
    assert plan.load.bind.ignored == ()
    with pytest.raises(DiagnosticError) as caught:
        checked(text.format('"optimiser"'))
    assert 'expected a list of [`path`, ...] or "optimizer"' in str(caught.value)
