"""summary, graph, docs and ast: what they say follows from the spec and the registry."""

import json
import re
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from declspore.check.check import check
from declspore.check.task import task_kinds
from declspore.draw.graph import graph_of
from declspore.registry.table import verbs, vocabulary
from declspore.source import Source
from declspore.syntax.dump import tree_json, tree_schema
from declspore.syntax.parse import parse
from tests.cli.support import failing, said
from tests.conftest import ROOT, SPECS

ALL = sorted(SPECS.glob("*.spec")) + sorted((ROOT / "examples").rglob("*.spec"))


# ---- summary


def test_multiply_adds_of_lenet():
    """28 * 28 * 6 * 25, 10 * 10 * 16 * 6 * 25, and the sizes of the three Dense."""
    text = said("summary", SPECS / "lenet.spec")
    assert "8 parameters, 61,684 values (61,684 trained), 241.0 KiB" in text
    assert re.search(r"^conv1 +Conv2d +f32\[B, 6, 28, 28\] +117600\*B$", text, re.M)
    assert "416520*B multiply-adds; --size B=1 fixes a size" in text
    found = json.loads(said("summary", SPECS / "lenet.spec", "--size", "B=2", "--json"))
    net = found["networks"]["LeNet5"]
    assert net["multiply_adds"] == 2 * (117600 + 240000 + 48000 + 10080 + 840)
    assert net["outputs"] == ["f32[2, 10]"]
    assert net["parameters"][0] == {
        "name": "conv1.weight",
        "shape": [6, 1, 5, 5],
        "dtype": "Float32",
        "values": 150,
        "bytes": 600,
        "trainable": True,
    }


@pytest.mark.parametrize(
    ("network", "values", "giga"),
    [
        ("resnet.spec:ResNet18", 11_689_512, 1.814),
        ("resnet.spec:ResNet50", 25_557_032, 4.089),
        ("resnet.spec:ResNeXt50", 25_028_904, 4.230),
        ("densenet.spec:DenseNet121", 7_978_856, 2.834),
        ("mobilenet.spec:MobileNetV2", 3_504_872, 0.301),
        ("convnext.spec:ConvNeXt", 28_589_128, 4.456),
        ("vgg.spec:Vgg16Bn", 138_365_992 - 4_224, 15.470),
        ("vit.spec:ViTB16", 86_567_656, 17.564),
    ],
)
def test_published_figures(network, values, giga):
    """The counts that torchvision publishes with its weights, at 224 by 224: trained values to
    the last one, multiply-adds (10^9, three decimals) to 1 in 1000.
    MindCV's VGG has no bias before its norms, which torchvision's has: 4,224 values."""
    sized = network.startswith(("vgg", "vit"))
    options = ["--size", "B=1", *([] if sized else ["--size", "H=224", "--size", "W=224"])]
    (net,) = json.loads(said("summary", SPECS / network, *options, "--json"))["networks"].values()
    assert sum(each["values"] for each in net["parameters"] if each["trainable"]) == values
    assert net["multiply_adds"] / 1e9 == pytest.approx(giga, rel=1e-3)


def test_multiply_adds_of_a_recurrent_cell():
    cell = "sequences.spec:GruTagger(vocab = 9, size = 4, hidden = 5, tags = 2)"
    found = json.loads(said("summary", SPECS / cell, "--size", "B=3", "--size", "T=7", "--json"))
    (net,) = found["networks"].values()
    assert net["multiply_adds"] == 3 * 7 * (3 * 5 * 4 + 3 * 5 * 5) + 3 * 7 * 5 * 2


def test_work_of_ops():
    text = """spec 1
network Net() {
  up = Conv2dTranspose(4, 6, 3, stride = 2)
  construct(x: f32[B, 4, 5, 5], y: f32[B, 5, 7]) {
    a = x[:, 0] @ y
    b = einsum("bij,bjk->bk", [x[:, 1], y])
    return up(x), bmm(x[:, 0], y), a, b
  }
}
"""
    network = check(Source("ops", text)).networks["Net"]
    from declspore.cli.summary import _calls

    work = {call.word: call.work for call in _calls(network, {"B": 2}) if call.work}
    assert work == {
        "Conv2dTranspose": 2 * 4 * 25 * 9 * 6,
        "matmul": 2 * 5 * 7 * 5,
        "bmm": 2 * 5 * 7 * 5,
        "einsum": 2 * 5 * 5 * 7,
    }


def test_wrong_sizes_and_names():
    done = failing("summary", SPECS / "lenet.spec", "--size", "Q=1")
    assert done.exit_code == 2
    assert "no network has the size Q" in done.output
    assert failing("summary", SPECS / "lenet.spec", "--size", "B=0").exit_code == 2
    assert failing("summary", f"{SPECS / 'lenet.spec'}:LeNet6").exit_code == 1
    assert failing("summary", "nothing.spec:LeNet5").exit_code == 2


def test_a_named_network_has_the_params_that_are_set(tmp_path):
    text = "spec 1\nparam n: int = 3\nnetwork Net(k: int = 1) {\n  fc = Dense(4, n * k)\n"
    (tmp_path / "p.spec").write_text(f"{text}  construct(x: f32[B, 4]) = fc(x)\n}}\n")
    for network, outputs in (("Net", 7), ("Net(2)", 14), ("Net(k = n)", 49)):
        told = said("summary", f"{tmp_path / 'p.spec'}:{network}", "--set", "n=7")
        assert f"-> f32[B, {outputs}]" in told
    done = failing("summary", f"{tmp_path / 'p.spec'}:Net", "--set", "m=7")
    assert (done.exit_code, "E209" in done.output) == (1, True)
    assert "name one network" in failing("graph", SPECS / "resnet.spec").output
    assert failing("graph", SPECS / "lenet.spec", "-o", "x.png").exit_code == 2


# ---- graph


@pytest.mark.parametrize("depth", [None, 1, 2])
def test_graph(depth, here):
    network = check(Source("x", (SPECS / "bert.spec").read_text())).networks["Bert"]
    graph = graph_of(network, depth)
    place = {box.key: index for index, box in enumerate(graph.boxes)}
    assert len(place) == len(graph.boxes)
    assert all(place[edge.source] < place[edge.target] for edge in graph.edges)
    assert {box.title for box in graph.boxes if box.kind == "input"} == {"ids", "kinds", "mask"}
    assert len(graph.boxes) == {None: 364, 1: 11, 2: 17}[depth]
    options = ["--depth", str(depth)] if depth else []
    text = said("graph", SPECS / "bert.spec", "-o", "bert.svg", *options)
    assert text == f"wrote bert.svg: {len(graph.boxes)} boxes, {len(graph.edges)} arrows\n"
    root = ET.parse("bert.svg").getroot()
    titles = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert all(box.title in titles for box in graph.boxes)
    assert all(edge.label in titles for edge in graph.edges)
    boxes = [
        tuple(float(node.attrib[name]) for name in ("x", "y", "width"))
        for node in root.iter("{http://www.w3.org/2000/svg}rect")
    ]
    for x, y, width in boxes:
        beside = [(a, w) for a, b, w in boxes if b == y and (a, w) != (x, width)]
        assert all(a >= x + width or a + w <= x for a, w in beside)  # none overlaps


def test_arrows_tell_types_where_a_box_makes_several(here):
    text = """spec 1
network Net() {
  construct(x: f32[B, 3]) {
    a, b = split(x, [1, 2], axis = 1)
    return a, concat([a, relu(b)], axis = 1), x
  }
}
"""
    (here / "net.spec").write_text(text)
    said("graph", "net.spec", "-o", "net.svg")
    nodes = ET.parse("net.svg").getroot().iter("{http://www.w3.org/2000/svg}text")
    assert [node.text for node in nodes] == [
        *("x", "f32[B, 3]", "split", "relu", "f32[B, 2]", "concat", "f32[B, 3]"),
        *("output 1", "f32[B, 1]", "output 2", "f32[B, 3]", "output 3", "f32[B, 3]"),
        *("f32[B, 2]", "f32[B, 1]"),
    ]


def test_types_on_arrows_do_not_overlap(here):
    text = """spec 1
network Net() {
  construct(x: f32[B, 9, 64]) {
    a, b, c = split(x, [32, 24, 8], axis = 2)
    d = relu(c)
    return relu(a), relu(b), concat([a, b], axis = 2), concat([c, d, b], axis = 2)
  }
}
"""
    (here / "net.spec").write_text(text)
    said("graph", "net.spec", "-o", "net.svg")
    ground = [
        tuple(float(node.attrib[name]) for name in ("x", "y", "width"))
        for node in ET.parse("net.svg").getroot().iter("{http://www.w3.org/2000/svg}rect")
        if node.attrib["height"] == "12"
    ]
    assert len(ground) == 6
    for x, y, width in ground:
        beside = [(a, w) for a, b, w in ground if b == y and a != x]
        assert all(a >= x + width or a + w <= x for a, w in beside)


def test_dot():
    text = said("graph", f"{SPECS / 'lenet.spec'}:LeNet5(num_class = 3)")
    assert text.startswith("digraph")
    assert '"cell 0" -> "op 1" [label="f32[B, 6, 28, 28]"];' in text
    assert text.count("->") == 13


# ---- docs


def test_the_reference_is_current():
    """docs/reference.md is what the registry says; `declspore docs --markdown` writes it."""
    assert said("docs", "--markdown") == (ROOT / "docs" / "reference.md").read_text()


def test_every_word_is_told():
    overview = said("docs")
    listed = json.loads(said("docs", "--json"))
    kinds = [*vocabulary(), *verbs()]
    assert [word["name"] for word in listed].count("sum") == 1
    told = {(w["family"], w["name"]) for w in listed if w["family"] not in ("statement", "task")}
    assert {(k.family, k.name) for k in kinds} == told
    assert all(kind.name in overview for kind in kinds)
    assert all(word["summary"] and word["example"] for word in listed)


def test_one_word():
    text = said("docs", "Momentum")
    assert "moments.<parameter>  as the parameter" in text
    assert "learning_rate" in text
    assert "weight_ih_l0  f32[32, 4]" in said("docs", "LSTM")
    done = failing("docs", "Conv2D", "Dense")
    assert done.exit_code == 1
    assert "did you mean `Conv2d`" in done.output


def _keywords():
    """The words in quotes and those that open a statement, as the grammar has them."""
    text = "".join(path.read_text() for path in sorted((ROOT / "grammar").glob("*.lark")))
    text = re.sub("^//.*$", "", text, flags=re.M)
    return {*re.findall(r'"([a-z]+)"', text), *re.findall(r"[/)|]([a-z]+)\(\?=", text), "and", "or"}


def test_every_word_of_the_grammar_is_told_by_the_description_of_the_language():
    listed = [word for word in json.loads(said("docs", "--json")) if word["family"] == "statement"]
    assert {word["name"] for word in listed} == _keywords()
    page = (ROOT / "docs" / "language.md").read_text()
    for word in listed:
        (section,) = word["notes"]
        assert section in page
        assert re.search(rf"\b{word['name']}\b", section), word["name"]


def test_kinds_of_tasks_are_described_by_what_they_declare():
    listed = [word for word in json.loads(said("docs", "--json")) if word["family"] == "task"]
    kinds = task_kinds()
    attributes = {each.name for kind in kinds.values() for each in kind.attributes}
    assert {*kinds, *attributes, "save"} <= {word["name"] for word in listed}
    text = said("docs", "train")
    assert "length" in text
    assert "attribute; required - how long: `10 epochs`, `500 steps`" in text
    assert 'save "lenet-{epoch}.ckpt" every 1 epochs keep 3' in said("docs", "save")


def test_a_word_of_the_grammar():
    text = said("docs", "optimizer")
    assert "optimizer (Training and evaluation)\n" in text
    assert "| `resume` | `train` |" in text
    assert "<!--" not in text
    both = [word["family"] for word in json.loads(said("docs", "where", "--json"))]
    assert both == ["op", "statement"]
    assert "did you mean `dataset`" in failing("docs", "datset").output


# ---- ast


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_trees_follow_the_published_schema(path):
    schema = json.loads((ROOT / "docs" / "ast.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    tree = tree_json(parse(Source(path.name, path.read_text())))
    jsonschema.validate(tree, schema)


def test_a_tree_of_a_long_sum(here):
    """It is long, not nested: a tree a thousand nodes deep has a line of JSON as any other."""
    (here / "long.spec").write_text(f"spec 1\nlet a = {' + '.join(['1'] * 1200)}\n")
    assert said("ast", "long.spec").count('"node"') > 1200


def test_the_schema_is_current():
    assert json.loads((ROOT / "docs" / "ast.schema.json").read_text()) == tree_schema()


def test_a_damaged_spec_has_a_tree_and_diagnostics(here):
    """What parses is there; the exit code and the diagnostics tell what does not."""
    (here / "broken.spec").write_text(
        "spec 1\nnetwork Net() {\n  fc  = Dense(4 2)\n  act Dense(2, 2)\n\n"
        "  construct(x: f32[B, 4]) = fc(x)\n}\nlet a = 1\n"
    )
    done = failing("ast", "broken.spec", "--json")
    assert done.exit_code == 1
    tree = json.loads(done.stdout)
    jsonschema.validate(tree, tree_schema())
    assert [(d["code"], d["labels"][0]["line"]) for d in tree["diagnostics"]] == [
        ("E101", 3),
        ("E101", 4),
    ]
    network, let = tree["declarations"]
    assert let["value"]["value"] == 1
    (field,) = network["body"]["fields"]
    assert (field["name"]["text"], field["value"]["node"]) == ("fc", "Damaged")
    assert network["body"]["damaged"][0]["words"] == ["act", "Dense"]
    assert network["body"]["construct"]["results"][0]["node"] == "Call"
    assert "E101" in failing("ast", "broken.spec").stderr


def test_tree():
    tree = json.loads(said("ast", SPECS / "lenet.spec"))
    assert (tree["node"], tree["diagnostics"]) == ("Spec", [])
    (network,) = tree["declarations"]
    assert (network["node"], network["keyword"]) == ("CellDeclaration", "network")
    assert network["name"] == {
        "node": "Word",
        "text": "LeNet5",
        "span": {"line": 4, "column": 9, "end_line": 4, "end_column": 15},
    }
