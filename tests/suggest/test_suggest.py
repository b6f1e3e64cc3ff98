"""Suggestions: what would make a checkpoint fit, found from names and shapes and proved."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from declspore import Parameter, load_checkpoint
from declspore.api import load
from declspore.check.check import check, check_file
from declspore.ir.dtype import FLOAT16, FLOAT32, INT32
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.pattern import path_pattern
from declspore.plan.bind import bind
from declspore.plan.fitting import BindPlan, fitting
from declspore.plan.headers import network_entries
from declspore.plan.planner import make_plan
from declspore.render import render
from declspore.report import DiagnosticError, Sink
from declspore.source import Source, Span
from declspore.suggest.advice import answered
from declspore.suggest.covers import covers
from declspore.tasks.edit.decide import plan_edit
from tests.checkpoint.support import written
from tests.conftest import ROOT, SPECS

NETWORKS = {
    "lenet": ("lenet.spec", "LeNet5", {}),
    "resnet": ("resnet.spec", "ResNet18", {}),
    "vit": ("vit.spec", "ViTB16", {}),
    "bert": ("bert.spec", "Bert", {}),
}
DOTS = ["             ..."]
SPEC = Source("eval.spec", 'load = ckpt("x.ckpt")')
TORCH = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
    "embedding_table": "weight",
}


@cache
def table(name):
    file, network, arguments = NETWORKS[name]
    return network_entries(getattr(load(SPECS / file), network).network(**arguments))


def diagnostic(wanted, entries, **options):
    sink = Sink()
    header = Header.of("x.ckpt", entries)
    attribute = options.get("attribute", "load")
    spans = {attribute: Span(SPEC, 7, len(SPEC.text))}
    assert bind(wanted, header, sink, spans=spans, **options) is None
    (found,) = answered(sink.errors)
    return found


def applied(wanted, entries, help):
    """What comes of the suggested text, taken as a user would paste it."""
    text = help.split("\n", 1)[1]
    edit, _, task = text.partition("\nthen in the task:\n")
    fresh = [path_pattern(p) for p in re.findall("`([^`]+)`", task.partition("fresh")[2])]
    spec = check(Source("pasted.spec", f"spec 1\n{edit}\n"))
    sink = Sink()
    plan = plan_edit(spec.tasks["fit"], {"src": Header.of("x.ckpt", entries)}, sink)
    sink.raise_errors()
    return fitting(wanted, plan.header, fresh=fresh), [e.name for e in plan.header]


def renamed(name, old, new):
    """The path with each run of segments ``old`` replaced."""
    path, found = name.split("."), []
    while path:
        if path[: len(old)] == old:
            found += new
            path = path[len(old) :]
        else:
            found.append(path.pop(0))
    return ".".join(found)


def torch_name(name):
    layer, dot, leaf = name.rpartition(".")
    return f"{layer}{dot}{TORCH.get(leaf, leaf)}" if dot else name


@st.composite
def renamings(draw):
    """A network, and names for its parameters by a few changes of the kinds people meet."""
    network = draw(st.sampled_from(sorted(NETWORKS)))
    names = [entry.name for entry in table(network)]
    given_names = dict(zip(names, names, strict=True))
    changes = []
    segments = sorted({s for name in names for s in name.split(".")[:-1] if not s.isdigit()})
    word = draw(st.sampled_from(segments))
    kinds = draw(st.sets(st.sampled_from(["prefix", "torch", "word", "level"]), min_size=1))
    if "word" in kinds:
        changes.append(lambda name: renamed(name, [word], ["other_word"]))
    if "torch" in kinds:
        changes.append(torch_name)
    if "level" in kinds:
        changes.append(lambda name: re.sub(r"\bnorm1\.|\bbn1\.|\bfc1\.", r"\g<0>inner.", name))
    if "prefix" in kinds:
        prefix = draw(st.sampled_from(["network.", "module.backbone.", "encoder."]))
        changes.append(lambda name: prefix + name)
    for change in changes:
        given_names = {name: change(new) for name, new in given_names.items()}
    return network, given_names


@settings(max_examples=40)
@given(renamings())
def test_a_renaming_is_undone(renaming):
    network, names = renaming
    wanted = table(network)
    assume(any(old != new for old, new in names.items()))
    entries = [HeaderEntry.of(names[e.name], e.dtype, e.shape) for e in wanted]
    assume(len({entry.name for entry in entries}) == len(entries))
    found = diagnostic(wanted, entries)
    bound, result = applied(wanted, entries, found.helps[0])
    assert isinstance(bound, BindPlan)
    assert bound.fresh == bound.ignored == ()
    # not only some names that fit: each entry under the name it came from
    assert result == [entry.name for entry in wanted]


def test_what_a_framework_calls_otherwise_goes_by_the_networks_own_names():
    """Norm layers get gamma and beta because they are norm layers; counters go."""
    wanted = table("resnet")
    entries = [HeaderEntry.of(torch_name(e.name), e.dtype, e.shape) for e in wanted]
    means = [e.name for e in entries if e.name.endswith("running_mean")]
    entries += [
        HeaderEntry.of(n.replace("running_mean", "num_batches_tracked"), INT32, ()) for n in means
    ]
    found = diagnostic(wanted, entries)
    assert "  rename src.`{p**}.running_mean` -> `{p}.moving_mean` exactly 20\n" in found.helps[0]
    assert "  delete src.`**.num_batches_tracked` exactly 20\n" in found.helps[0]
    bound, _ = applied(wanted, entries, found.helps[0])
    assert isinstance(bound, BindPlan)
    assert found.notes[0] == "would load 22 of 102 tensors, 99.8 % of the values"
    page = (ROOT / "docs" / "editing.md").read_text()
    shown = page.partition("$ declspore plan eval.spec\n")[2].partition("```")[0]
    printed = render(found).replace("x-fit.ckpt", "torch-fit.ckpt").replace("x.ckpt", "torch.ckpt")
    title, _, _, _, _, *lines = shown.splitlines()
    assert [line for line in [title, *lines] if line not in [*printed.splitlines(), *DOTS]] == []
    rows = [row.split() for row in found.notes[1].splitlines()]
    assert rows[:2] == [
        ["layer", "missing", "unused", "such", "as"],
        ["bn1", "4", "5", "bn1.moving_mean", "f32[64]"],
    ]


def test_numbers_are_counted_with():
    wanted = table("resnet")
    entries = [
        HeaderEntry.of(
            re.sub(r"layer(\d)", lambda m: f"stages.{int(m[1]) - 1}", e.name), e.dtype, e.shape
        )
        for e in wanted
    ]
    found = diagnostic(wanted, entries)
    assert "rename src.`stages.{i:int}.{p**}` -> `layer{i + 1}.{p}` exactly 95" in found.helps[0]


def test_a_level_within():
    wanted = table("resnet")
    names = {e.name: e.name.replace("down_sample.1", "shortcut_bn") for e in wanted}
    entries = [HeaderEntry.of(names[e.name], e.dtype, e.shape) for e in wanted]
    found = diagnostic(wanted, entries)
    line = "rename src.`{p**}.shortcut_bn.{q**}` -> `{p}.down_sample.1.{q}` exactly 12"
    assert line in found.helps[0]


def test_a_head_of_other_classes_beside_a_prefix_with_its_optimizer():
    """The head is deleted and starts anew; slots go with their weights or are deleted."""
    wanted = table("lenet")
    shapes = {"fc3.weight": (12, 84), "fc3.bias": (12,)}
    entries = [
        HeaderEntry.of(f"net.{e.name}", e.dtype, shapes.get(e.name, e.shape)) for e in wanted
    ]
    slots = [HeaderEntry.of(f"moments.{e.name}", e.dtype, e.shape) for e in entries]
    entries += [*slots, HeaderEntry.of("momentum", FLOAT32, ())]
    found = diagnostic(wanted, entries)
    assert "except src.`net.fc3.*` -> `{p}` exactly 6" in found.helps[0]
    assert "  fresh = [`fc3.*`]" in found.helps[0]
    bound, _ = applied(wanted, entries, found.helps[0])
    assert bound.fresh == ("fc3.weight", "fc3.bias")
    kept = diagnostic(wanted, entries, ignore=[path_pattern("moments.**")])
    assert "delete src.`net.fc3.*`, src.`momentum` exactly 3" in kept.helps[0]


def test_what_shapes_and_words_do_not_tell_apart_is_left_open():
    """Three layers of one shape under three other names: any of six ways would bind."""
    wanted = [HeaderEntry.of(f"{n}.weight", FLOAT32, (4, 4)) for n in ("aa", "bb", "cc")]
    entries = [HeaderEntry.of(f"{n}.weight", FLOAT32, (4, 4)) for n in ("xx", "yy", "zz")]
    found = diagnostic(wanted, entries)
    assert not any("rename" in help for help in found.helps)
    assert found.helps[0].startswith("fresh = [`**`]")


def test_words_tell_apart_what_shapes_do_not():
    words = {"q": "query", "k": "key", "v": "value", "o": "dense"}
    wanted = [
        HeaderEntry.of(f"layers.{i}.attn.{word}.weight", FLOAT32, (8, 8))
        for i in range(3)
        for word in words
    ]
    entries = [
        HeaderEntry.of(f"layers.{i}.attention.{word}.weight", FLOAT32, (8, 8))
        for i in range(3)
        for word in words.values()
    ]
    found = diagnostic(wanted, entries)
    bound, result = applied(wanted, entries, found.helps[0])
    assert isinstance(bound, BindPlan)
    assert result == [entry.name for entry in wanted]


def test_a_scale_is_no_shift_and_a_mean_no_variance():
    wanted = [HeaderEntry.of(f"bn.{leaf}", FLOAT32, (4,)) for leaf in ("moving_mean", "gamma")]
    entries = [HeaderEntry.of(f"bn.{leaf}", FLOAT32, (4,)) for leaf in ("running_var", "bias")]
    assert not any("rename" in help for help in diagnostic(wanted, entries).helps)


@settings(max_examples=200)
@given(st.sets(st.text("ab.", min_size=1).filter(lambda n: ".." not in f".{n}.")), st.data())
def test_covers_match_what_is_chosen_and_nothing_else(names, data):
    chosen = data.draw(st.sets(st.sampled_from(sorted(names)))) if names else set()
    patterns = [path_pattern(text) for text in covers(sorted(chosen), sorted(names))]
    assert {n for n in names if any(p.match(n) is not None for p in patterns)} == chosen


@pytest.mark.parametrize("loaded", [0, 1])
def test_coverage_is_never_rounded_to_all_or_nothing(loaded):
    wanted = [
        HeaderEntry.of("large", FLOAT32, (1_000_000,)),
        HeaderEntry.of("small", FLOAT32, (1,)),
    ]
    found = fitting(wanted, Header.of("x", [wanted[1 - loaded]]))
    share = "99.9" if loaded else "0.1"
    assert found.coverage == f"would load 1 of 2 tensors, {share} % of the values"


# ---- values


def _changed(name, changes):
    """A network's table with some entries of another shape or type."""
    return [changes.get(e.name, e) for e in table(name)]


def _entry(name, shape, dtype=FLOAT32):
    return name, HeaderEntry.of(name, dtype, shape)


@pytest.mark.parametrize(
    ("network", "change", "line"),
    [
        (
            "resnet",
            _entry("conv1.weight", (64, 1, 7, 7)),
            "set src.`conv1.weight` = tile(it, [1, 3, 1, 1]) / 3 exactly 1",
        ),
        (
            "resnet",
            _entry("conv1.weight", (64, 4, 7, 7)),
            "= tile(sum(it, axis = 1, keep_dims = true), [1, 3, 1, 1]) / 3 exactly 1",
        ),
        (
            "lenet",
            _entry("conv1.weight", (6, 3, 5, 5)),
            "set src.`conv1.weight` = sum(it, axis = 1, keep_dims = true) exactly 1",
        ),
        (
            "vit",
            _entry("pos_embed", (1, 577, 768)),
            (
                "= concat([it[:, 0:1], reshape(resize(reshape(it[:, 1:], [24, 24, 768]), [14, 14], "
                'axes = [0, 1], mode = "cubic"), [1, 196, 768])], axis = 1) exactly 1'
            ),
        ),
        (
            "bert",
            _entry(
                "bert_embedding_postprocessor.full_position_embedding.embedding_table", (128, 768)
            ),
            "= resize(it, [512], axes = [0]) exactly 1",
        ),
        (
            "bert",
            _entry(
                "bert_embedding_postprocessor.full_position_embedding.embedding_table", (1024, 768)
            ),
            "= it[0:512] exactly 1",
        ),
    ],
)
def test_values_of_another_shape(network, change, line):
    wanted = table(network)
    entries = _changed(network, dict([change]))
    found = diagnostic(wanted, entries)
    assert found.code == "E532"
    assert line in found.helps[0]
    assert isinstance(applied(wanted, entries, found.helps[0])[0], BindPlan)


def test_input_channels_are_those_of_the_first_convolution_only():
    """Where layers differ throughout, the network is another one."""
    wanted = table("lenet")
    entries = _changed(
        "lenet",
        dict([_entry("conv1.weight", (6, 3, 5, 5)), _entry("conv2.weight", (16, 3, 5, 5))]),
    )
    helps = diagnostic(wanted, entries).helps
    assert [help.partition(" lets")[0] for help in helps] == [
        "fresh = [`conv1.weight`, `conv2.weight`]"
    ]


def test_more_classes_than_wanted_can_be_cut():
    wanted = table("lenet")
    entries = _changed("lenet", dict([_entry("fc3.weight", (11, 84)), _entry("fc3.bias", (11,))]))
    anew, cut = diagnostic(wanted, entries).helps
    assert anew == "fresh = [`fc3.*`] lets 2 parameters start from the first value"
    assert "  set src.`fc3.*` = it[0:10] exactly 2\n" in cut
    assert isinstance(applied(wanted, entries, cut)[0], BindPlan)


def test_types_are_cast_and_what_may_stay_is_left():
    wanted = table("lenet")
    entries = [HeaderEntry.of(e.name, FLOAT16, e.shape) for e in wanted]
    entries += [HeaderEntry.of(f"moments.{e.name}", FLOAT32, e.shape) for e in wanted]
    found = diagnostic(wanted, entries, ignore=[path_pattern("moments.**")])
    line = "set src.`**` except src.`moments.**` = cast(it, f32) exactly 8"
    assert line in found.helps[0]
    numbers = [HeaderEntry.of(e.name, INT32, e.shape) for e in wanted]
    assert diagnostic(wanted, numbers).helps == ()


def test_an_ensure_says_what_does_not_fit_and_what_would_mend_it(here):
    entries = [(f"net.{e.name}", e.shape) for e in table("lenet")]
    written("a.ckpt", {name: np.zeros(shape, np.float32) for name, shape in entries})
    (here / "e.spec").write_text("""spec 1
import "lenet.spec" as zoo
edit copied {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  ensure fits(dst, zoo.LeNet5(num_class = 12))
}
""")
    with pytest.raises(DiagnosticError) as caught:
        make_plan(check_file("e.spec"))
    (found,) = answered(caught.value.diagnostics)
    assert found.code == "E601"
    assert found.notes[0] == "dst would load 0 of 8 tensors, 0 % of the values"
    (help,) = found.helps
    assert "  in src = copied.dst\n" in help
    assert "  rename src.`net.{p**}` except src.`net.fc3.*` -> `{p}` exactly 6\n" in help
    assert "  add `fc3.weight` = normal([12, 84], std = 0.02, seed = 1)\n" in help
    # the edit behind it, pasted, with the ensure moved into it
    text = Path("e.spec").read_text()
    ensure = next(line for line in text.splitlines() if "ensure" in line)
    edit = help.split("\n", 1)[1].partition("\nthen")[0]
    pasted = text.replace(ensure + "\n", "") + edit.removesuffix("}") + f"{ensure}\n}}\n"
    Path("e.spec").write_text(pasted)
    assert [task.task.name for task in make_plan(check_file("e.spec")).tasks] == ["copied", "fit"]


def test_the_python_door_says_it_too(here):
    entries = {f"net.{e.name}": np.zeros(e.shape, np.float32) for e in table("lenet")}
    written("a.ckpt", entries)
    net = Net({e.name: e for e in table("lenet")})
    with pytest.raises(DiagnosticError) as caught:
        load_checkpoint("a.ckpt", net=net)
    (found,) = caught.value.diagnostics
    assert '  in src = ckpt("a.ckpt")\n' in found.helps[0]
    assert "  rename src.`net.{p**}` -> `{p}` exactly 8\n" in found.helps[0]
    assert found.helps[0].endswith("then use a-fit.ckpt")


class Net:
    """What the door asks of a network."""

    def __init__(self, entries):
        self._parameters = {
            n: Parameter(np.zeros(e.shape, np.float32), name=n) for n, e in entries.items()
        }

    def parameters_dict(self):
        return self._parameters


SEGMENTS = st.sampled_from(["a", "b", "0", "1", "10", "bn1", "weight", "bias", "gamma", "moments"])
TABLES = st.dictionaries(
    st.lists(SEGMENTS, min_size=1, max_size=4).map(".".join),
    st.sampled_from([(), (2,), (3,), (2, 3), (4, 1, 3, 3), (4, 3, 3, 3)]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150)
@given(TABLES, TABLES)
def test_what_is_printed_holds_for_whatever_tables(wanted, found):
    wanted = [HeaderEntry.of(name, FLOAT32, shape) for name, shape in wanted.items()]
    entries = [HeaderEntry.of(name, FLOAT32, shape) for name, shape in found.items()]
    assume(not isinstance(fitting(wanted, Header.of("x", entries)), BindPlan))
    for help in diagnostic(wanted, entries).helps:
        if "edit fit {" in help:
            bound, _ = applied(wanted, entries, help)
            assert isinstance(bound, BindPlan) == (not help.startswith("an edit would help"))
