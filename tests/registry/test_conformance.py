"""Every word of the vocabulary keeps its promises, because it is there."""

import json

import pytest

from declspore.check.check import check
from declspore.registry.cell import CellKind
from declspore.registry.initializer import InitializerKind
from declspore.registry.op import OpKind
from declspore.registry.table import Registry, definitions, families, verbs, vocabulary
from declspore.registry.types import Mismatch
from declspore.source import Source
from tests.support import problems

WORDS = list(vocabulary())
CELLS = [kind for kind in WORDS if kind.family == "cell"]
EDIT = 'edit e {{\n  in src = ckpt("a")\n  out dst = ckpt("b")\n  add `x` = {0}\n}}'
# what stands around the example of a family to make it a whole spec
FRAMES = {
    "cell": "network Net() {{\n  c = {0}\n  construct(x: f32[B, 4]) = x\n}}",
    "container": "network Net() {{\n  c = {0}\n  construct(x: f32[B, 4]) = x\n}}",
    "op": "network Net() {{\n  construct(x: f32[B, 4, 1, 1], y: f32[B, 4, 1, 1]) = {0}\n}}",
    "query": 'edit e {{\n  in src = ckpt("a")\n  out dst = ckpt("b")\n  ensure {0}\n}}\n'
    'import "lenet.spec" as zoo\nnetwork LeNet5() = zoo.LeNet5()',
    "source": "dataset d = {0}",
    "policy": "dataset valid_set = Digits() |> batch(4)\nlet value = {0}",
    "transform": "dataset d = {0}",
}


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.name)
def test_example_is_a_valid_spec(kind):
    in_edits = getattr(kind, "of_tensors", False)
    frame = FRAMES.get(kind.family, EDIT if in_edits else "let value = {0}")
    assert problems(frame.format(kind.example)) == []


@pytest.mark.parametrize("kind", list(verbs()), ids=lambda kind: kind.name)
def test_verb_example(kind):
    edit = f'edit e {{\n  in src = ckpt("a")\n  out dst = ckpt("b")\n  {kind.example}\n}}'
    assert problems(edit) == []


@pytest.mark.parametrize("kind", [*WORDS, *verbs()], ids=lambda kind: f"{kind.family} {kind.name}")
def test_is_documented(kind):
    assert kind.summary.strip().endswith(".")
    assert all(argument.help for argument in kind.signature.arguments)
    names = kind.signature.names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", CELLS, ids=lambda kind: kind.name)
def test_what_a_call_takes_is_documented(kind):
    assert len(set(kind.taken)) == len(kind.taken)
    assert all(option.help and not option.required for option in kind.options)


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.name)
def test_defaults_fit_their_types(kind):
    for argument in (*kind.signature.arguments, *getattr(kind, "options", ())):
        if not argument.required:
            argument.type.accept(argument.default)


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.name)
def test_argument_types_refuse_with_a_reason(kind):
    """No argument takes everything, and what is refused is told why."""
    for argument in kind.signature.arguments:
        if argument.type.name == "a value":
            continue
        with pytest.raises(Mismatch) as caught:
            argument.type.accept(object())
        assert str(caught.value)


@pytest.mark.parametrize("kind", CELLS, ids=lambda kind: kind.name)
def test_parameters_of_a_cell(kind):
    """Names once each, positive shapes, and an initializer the vocabulary knows."""
    spec = check(Source("t", f"spec 1\n{FRAMES['cell'].format(kind.example)}"))
    names = [parameter.name for parameter in spec.networks["Net"].parameters]
    assert len(set(names)) == len(names)
    for parameter in spec.networks["Net"].parameters:
        assert all(size > 0 for size in parameter.shape)
        kind = vocabulary().of(InitializerKind, parameter.init.word)
        kind.distribution(parameter.init.arguments, parameter.shape)


def test_operators_are_unique():
    signs = [kind.operator for kind in vocabulary().every(OpKind) if kind.operator]
    assert len(signs) == len(set(signs))


def test_a_word_has_one_meaning():
    with pytest.raises(ValueError, match="defined twice"):
        Registry((WORDS[0], WORDS[0]))


def test_arguments_are_plain_values():
    """A signature can be shown to a program."""
    for kind in WORDS:
        json.dumps(str(kind.signature))
    assert isinstance(CELLS[0], CellKind)


def test_families_are_told_apart():
    """Each contract has its own place in the reference, and a room with its words in it."""
    for one in ("family", "title", "rank"):
        values = [getattr(contract, one) for contract in families()]
        assert len(set(values)) == len(values)
    for contract in families():
        assert any(isinstance(kind, contract) for kind in definitions(contract.room))


@pytest.mark.parametrize("kind", vocabulary().every(OpKind), ids=lambda kind: kind.name)
def test_only_ops_with_an_array_form_describe_it(kind):
    about = (kind.moves, kind.scratch, kind.refused_in_edits, kind.undo, kind.rejoin)
    assert kind.in_edits or not any(about)
    assert kind.moves or kind.undo is None or kind.name == "cast"
