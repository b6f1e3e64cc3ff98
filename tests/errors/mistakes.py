"""Typical mistakes: what was written, and the place and the fix that the answer must name."""

from typing import NamedTuple

CELL = """network N(classes: int = 10) {{
  fc = {}
  construct(x: f32[B, 84]) -> f32[B, 84] = fc(x)
}}
"""
FLOW = """network N() {{
  fc = Dense(4, 4)
  construct(x: f32[B, 4]) {{
    h = fc(x)
    {}
  }}
}}
"""


class Mistake(NamedTuple):
    """``at`` is the text under the caret; ``fix`` what the helps or notes contain."""

    text: str
    at: str
    fix: str


def cell(written: str, at: str, fix: str) -> Mistake:
    return Mistake(CELL.format(written), at, fix)


def flow(written: str, at: str, fix: str) -> Mistake:
    """What a network returns; further lines stand before it."""
    result, *before = written.splitlines()
    text = "\n    ".join([*before, f"return {result}"])
    return Mistake(FLOW.format(text), at, fix)


def edit(written: str, at: str, fix: str) -> Mistake:
    text = f'edit e {{\n  in src = ckpt("a.ckpt")\n  out dst = ckpt("b.ckpt")\n  {written}\n}}\n'
    return Mistake(text, at, fix)


def let(written: str, at: str, fix: str) -> Mistake:
    return Mistake(f"let a = {written}\n", at, fix)


WORDS = [
    cell("Linear(84, 84)", "Linear", "write Dense(84, 84)"),
    cell("nn.Linear(84, 84)", "nn", "write Dense(84, 84)"),
    cell("nn.Dense(84, 84)", "nn", "Dense(84, 84)"),
    cell("BatchNormalization(84)", "BatchNormalization", "write BatchNorm2d(84)"),
    cell(
        'Conv2D(84, 3, padding="same")', "Conv2D", 'Conv2d(in_channels, 84, 3, pad_mode = "same")'
    ),
    cell("Dense(84, 84, bias = false)", "bias", "has_bias = false"),
    cell('Conv2d(84, 84, 3, padding = "same")', '"same"', 'pad_mode = "same"'),
    cell("Sequential(Dense(84, 84))", "Sequential", "write SequentialCell(Dense(84, 84))"),
    flow("cat([h, x])", "cat", "write concat([h, x])"),
    flow("clip(h, 0.0, 1.0)", "clip", "write clamp(h, 0.0, 1.0)"),
    flow("permute(h, [1, 0])", "permute", "write transpose(h, [1, 0])"),
    flow("unsqueeze(h, 1)", "unsqueeze", "write expand_dims(h, 1)"),
    flow("len(h)", "len", "sizes are names in types"),
    flow("cast(h, float16)", "float16", "write f16"),
    flow("h.swapaxes(0, 1)", "swapaxes", "swapaxes(h, 0, 1)"),
    flow("h.view(B, 2, 2)", "view", "write reshape(h, [B, 2, 2])"),
    flow("h * h.shape[0]", "shape", "sizes are names in the types of inputs"),
    flow("self.fc(h)", "self", "fc(h)"),
    flow("F.relu(h)", "F", "relu(h)"),
    edit("remove src.`x`", "remove", "write `delete`"),
    Mistake("optimizer o = AdamW(lr = 0.1)\n", "AdamW", "AdamWeightDecay(learning_rate = 0.1)"),
    Mistake("train t {\n  epochs = 3\n}\n", "epochs", "length = 3 epochs"),
    Mistake("evaluate t {\n  network = 1\n}\n", "evaluate", "write `eval`"),
    Mistake("param p: string\n", "string", "write `str`"),
]

SIGNS = [
    let("64 if true else 16", "if", "if true then 64 else 16"),
    let("true ? 64 : 16", "64", "if true then 64 else 16"),
    Mistake("let\u00a0a = 1\n", "\u00a0", "no-break space"),
    let("10epochs", "10epochs", "write 10 epochs"),
    let("5.", "5.", "write 5.0"),
    let("2.e-5", "2.e-5", "write 2.0e-5"),
    let(".00002", ".00002", "write 0.00002"),
    let("1_000", "1_000", "write 1000"),
    let("1e-400", "1e-400", "smallest float"),
    let("3 minutes", "minutes", "write 3 min"),
    let("\u201ctext\u201d", "\u201c", 'write `"`'),
    let("\uff081 + 2\uff09", "\uff08", "write `(`"),
    let("1 \u2264 2", "\u2264", "write `<=`"),
    let("'text'", "'", '"text"'),
    let("true || false", "|", "true or false"),
    let("true && false", "&", "true and false"),
    let("!true", "!", "not true"),
    let("lambda x: x + 1", "x", "cell Name() { construct(x) = x + 1 }"),
    let("[i * 2 for i in range(3)]", "for", "[for i in 0 ..< 3 { i * 2 }]"),
    let("none is none", "is", "none == none"),
    let('f"net"', '"net"', 'strings are filled without a letter in front: "net"'),
    Mistake("let a = 1\n// a comment\n", "comment", "# a comment"),
    Mistake("import torch\n", "import", 'import "file.spec" as name'),
    Mistake("class Net(nn.Module):\n", "class", "network Net() {"),
    Mistake("network N() {\n  def construct(self, x):\n", "construct", "construct(x: f32"),
    Mistake("train t {\n  length = 10 seconds\n  seed = 3\n}\n", "seconds", "write 10 s"),
    flow("h\nx += 1", "+", "x = x + 1"),
    flow("h\no, (a, b) = h", "(", "o, a, b = h"),
    flow("h\nlet z = 8", "let", "z = 8"),
    flow("h\nif true { x = h }", "true", "if true then a else b"),
    flow("h\nfor i in range(3):", ":", "for i in 0 ..< 3 { ... }"),
]
EVAL = """network N() {{
  fc = Dense(4, 3)
  construct(x: f32[B, 4]) = fc(x)
}}
dataset d = NumpySlices("d.npz", data = [Column("x", [4])], labels = [Column("y", dtype = i32)])
  |> batch(2)
eval e {{
  network = N() load = none dataset = d metrics = [Accuracy(), Recall()]
  ensure {}
}}
"""
FIGURES = [
    Mistake(EVAL.format("accuracy >= 90"), "90", "write 90%"),
    Mistake(EVAL.format("0.5 < accuracy and recall[1] > 50"), "50", "write 50%"),
    Mistake(EVAL.format("accuracy > -1"), "-1", "can never be -1"),
]
EDITS = [
    edit("rename src.`a` to `b`", "to", "rename src.`a` -> `b`"),
    edit("rename src.a.b -> `b`", "a", "src.`a.b`"),
    edit("delete src.*", "*", "src.`**`"),
    edit("delete src.fc1.*", "fc1", "src.`fc1.*`"),
    edit("rest drop", "drop", "rest delete"),
    edit(
        "rename src.`fc1.*` -> `a.{p}`",
        "`a.{p}`",
        "captures a part of a name where a pattern has it",
    ),
    edit("add `new` = ones(3)", "3", "[3]"),
    edit('set src.`a` = cast(ones([3]), "float16")', '"float16"', "f16"),
    edit('delete src["fc.weight"]', "src", "src.`fc.weight`"),
    Mistake('edit e {\n  input src = ckpt("a.ckpt")\n}\n', "src", 'in src = ckpt("a.ckpt")'),
]
TRAIN = """network N() {{
  fc = Dense(4, 3)
  construct(x: f32[B, 4]) = fc(x)
}}
network Own() {{
  construct(x: f32[B, 3], y: i32[B]) = mean(x)
}}
dataset d = NumpySlices("d.npz", data = [Column("x", [4])], labels = [Column("y", dtype = i32)])
  |> batch(2)
train t {{
  network = N()
  dataset = d
  loss = CrossEntropyLoss()
  optimizer = SGD(0.1)
  length = 3 epochs
  save "net.ckpt" every 1 epochs
}}
"""


def train(before: str, after: str, at: str, fix: str) -> Mistake:
    """A training in which one line is another."""
    return Mistake(TRAIN.format().replace(before, after), at, fix)


OF_LOSS = EVAL.format("true").replace("Recall()", "MSELoss()")
TASKS = [
    train("3 epochs", "3", "3", "length = 3 epochs, or 3 steps"),
    train("3 epochs", "1.5 epochs", "1.5 epochs", "length = 2 epochs"),
    train("3 epochs", "3 * epochs", "epochs", "a number with a unit: `3 epochs`"),
    train("3 epochs", "10k steps", "steps", "10000 steps"),
    train("every 1 epochs", "every epoch", "epoch", "every 1 epochs"),
    train('save "net.ckpt"', 'save "net.pth"', '"net.pth"', '"net.ckpt"; `declspore convert`'),
    train('save "net.ckpt"', "save net.ckpt", "ckpt", 'save "net.ckpt" every 1 epochs'),
    train('save "net.ckpt" every 1 epochs', 'save = "a"', "save", "a line without `=`"),
    train("dataset = d", "dataset = d\n  metrics = [Accuracy()]", "metrics", "Validate(dataset"),
    train("CrossEntropyLoss()", '"mse"', '"mse"', "MSELoss()"),
    train("CrossEntropyLoss()", "Own()", "Own()", "loss Own() { ... }"),
    train("SGD(0.1)", '"adam"', '"adam"', "Adam(learning_rate = 0.001"),
    train("SGD(0.1)", "SGD(net.parameters(), 0.1)", "net", "`groups` names some"),
    train("network = N()", "network = N", "N", "N()"),
    train("network = N()", 'network = "n.spec"', '"n.spec"', 'import "n.spec" as zoo'),
    train("dataset = d", 'dataset = "d.npz"', '"d.npz"', 'NumpySlices("d.npz"'),
    train("dataset = d", "dataset = d\n  load = ckpt(a.ckpt)", "a", 'a file is a string: "a.ckpt"'),
    train("dataset = d", 'dataset = d\n  freeze = ["f.*"]', '["f.*"]', "freeze = [`f.*`]"),
    train("  |> batch(2)", ".batch(2)", "batch", "|> batch(2)"),
    train("batch(2)", "batch(2, drop_last = true)", "drop_last", "drop_remainder = true"),
    Mistake(
        EVAL.format("true").replace("Recall()", "MSELoss()"), "[Accuracy(), MSELoss()]", "[Loss()]"
    ),
    train("dataset = d", "dataset = d\n  validation = d", "validation", "Validate(dataset"),
    train("dataset = d", "dataset = d\n  freeze = [`body.**`]", "[`body.**`]", "`fc.*`"),
    train(
        "dataset = d",
        'dataset = d\n  load = ckpt("a.ckpt")\n  ignore = "optimiser"',
        '"optimiser"',
        'ignore = "optimizer"',
    ),
    train("dtype = i32", "[1], dtype = i32", "CrossEntropyLoss()", "for each sample has no shape"),
    train("CrossEntropyLoss()", "MSELoss()", "MSELoss()", "CrossEntropyLoss() takes class numbers"),
    train("[4])], labels", "[4], dtype = f64)], labels", "N()", "|> TypeCast(f32)"),
    train('data = [Column("x", [4])]', 'data = ["x"]', '["x"]', 'Column("x")'),
    train("= fc(x)", "= concat([fc(x), fc(x)])", "CrossEntropyLoss()", "counts samples"),
    train("= fc(x)", "= transpose(fc(x), [1, 0])", "CrossEntropyLoss()", "counts samples"),
    train("dataset = d", 'dataset = d\n  load = torch("a.pth")', "torch", "declspore convert"),
    train("  |> batch(2)", "  | batch(2)", "|", "|> batch(...)"),
    train("|> batch(2)", "|> map(lambda x: x / 255) |> batch(2)", "x", "map(x = x / 255)"),
    Mistake(EVAL.format("true").replace("load = none", ""), "e", 'load = ckpt("lenet.ckpt")'),
    Mistake(EVAL.format("acc >= 90%"), "acc", "`accuracy`, the figure of"),
    Mistake(EVAL.format("accuracy > 0").replace("none", 'pt("a.pt")'), "pt", "declspore convert"),
    Mistake('dataset d = Mnist("data", train = true)\n', "train", 'usage = "train"'),
    Mistake("dataset d = Digits() |> split([0.8, 0.2]) |> batch(4)\n", "split", "part([0.8"),
    Mistake("dataset d = Digits() |> relu() |> batch(4)\n", "relu", "map(x = relu(x))"),
]
OWN_LOSSES = [
    Mistake("loss L(x, y) = mean(x - y)\n", "= mean(x - y)", "loss L() { construct("),
    Mistake("loss L {\n  construct(x: f32[B]) = mean(x)\n}\n", "{", "loss L() {"),
    Mistake(
        "loss L() {\n  construct(x: f32[B], y: f32[B]) = MSELoss()(x, y)\n}\n",
        "MSELoss()",
        "before `construct`: part = MSELoss()",
    ),
]
PICTURES = """network N() {{
  conv = Conv2d(3, 4, 3)
  construct(x: f32[B, 3, H, W]) = x |> conv |> mean(axis = [2, 3])
}}
dataset d = ImageFolder("pictures") |> Decode() |> {} |> batch(2)
train t {{
  network = N() dataset = d loss = CrossEntropyLoss() optimizer = SGD(0.1) length = 1 epochs
}}
"""


def pictures(steps: str, at: str, fix: str) -> Mistake:
    """A training on pictures with these steps."""
    return Mistake(PICTURES.format(steps), at, fix)


OF_PICTURES = [
    pictures("Resize(32) |> ToTensor()", "batch(2)", "Resize([224, 224])"),
    pictures("Resize([32, 32])", "N()", "|> ToTensor()"),
    pictures("Resize([32, 32]) |> HWC2CHW()", "N()", "|> Rescale(1 / 255, 0.0)"),
    pictures(
        "Resize([32, 32]) |> ToTensor() |> Normalize([1, 2, 3], [1, 1, 1])",
        "Normalize([1, 2, 3], [1, 1, 1])",
        "put Normalize before ToTensor",
    ),
]
DECLARED = [
    Mistake(
        'dataset d = NumpySlices("d.npz", data = Column("x", [4]))\n',
        'Column("x", [4])',
        '[Column("x", [4])]',
    ),
    Mistake("let a: int = 3\n", ":", "let a = 3"),
    Mistake("param rate = 0.1\n", "=", "param rate: float = 0.1"),
    Mistake("param rate: float32 = 0.1\n", "float32", "write `float`"),
    Mistake('let a = "x" + 3\n', '"x" + 3', 'strings are filled: "x3"'),
    Mistake("network N() {\n  construct(x: f32[-1, 4]) = x\n}\n", "-1", "a name, such as B"),
    Mistake("network N() {\n  construct(x: f32[?, 4]) = x\n}\n", "?", "a free size is a name"),
    Mistake("network N: {\n", ":", "network N() { ... }"),
    Mistake('from "lenet.spec" import LeNet5\n', "from", 'import "lenet.spec" (LeNet5)'),
    Mistake('import "lenet.spec"\n', "", 'import "lenet.spec" as lenet'),
    Mistake("network N() {\n  construct(x: Tensor[B]) = x\n}\n", "Tensor", "f32[B, ...]"),
    Mistake("network N() {\n  construct(x: f32(B, 4)) = x\n}\n", "(", "f32[B, 4]"),
    flow("transpose(h, 0, 1)", "1", "swapaxes(h, 0, 1)"),
    flow("h\nh[:, 0] = 0", "[", "a tensor is never changed"),
    flow("h\nfc(h)", "(", "y = fc(h), or return fc(h)"),
    cell("Dense(in_channels: 84, out_channels: 84)", ":", "in_channels = 84"),
    cell("Dense(84, 84),", ",", "write one a line"),
    cell("LayerNorm(84)", "84", "[84]"),
    cell('Conv2d(3, 4, 3, padding = "SAME")', '"SAME"', 'pad_mode = "same"'),
    flow("ReLU(h)", "ReLU(h)", "the op: relu(...)"),
    flow("concat(h, h, 1)", "1", "concat([h, h], 1)"),
    flow("h\nreturn x", "return", "a construct returns once"),
    cell("nn.Sequential(nn.Linear(84, 84))", "nn", "SequentialCell(Dense(84, 84))"),
    Mistake(
        "network N() {\n  c = Conv2d(3, 4, 3)\n  construct(x: f32[B, 8, 8, 3]) = c(x)\n}\n",
        "c(x)",
        "channels are axis 1, not the last: f32[B, 3, 8, 8]",
    ),
]
SIZES = [
    cell("Dense(classes, 84)", "fc(x)", "Dense(84, classes)"),
    cell("Dense(classes, 5)", "fc(x)", "`in_channels` must be 84: `classes` is 10 here"),
    cell("Dense(80, 5, has_bias = false)", "fc(x)", "Dense(84, 5, has_bias = false)"),
    cell("BatchNorm1d(8, momentum = 0.9)", "fc(x)", "BatchNorm1d(84, momentum = 0.9)"),
]
MISTAKES = [
    *SIZES,
    *WORDS,
    *SIGNS,
    *FIGURES,
    *EDITS,
    *TASKS,
    *OWN_LOSSES,
    *OF_PICTURES,
    *DECLARED,
]
