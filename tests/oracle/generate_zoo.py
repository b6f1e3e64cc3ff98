"""Golden tables and outputs of the library specs; a part of tests/oracle/generate.py.

Needs MindCV beside MindSpore (``pip install --no-deps mindcv tqdm pyyaml``). The Cells here are
those no package holds.
"""

import ast
import gzip
import importlib
import inspect
import json
import tempfile

import mindspore as ms
import numpy as np
from mindspore import Parameter, Tensor, nn, ops

from tests.oracle import inputs
from tests.oracle.networks import (  # noqa: F401 (by name, from a row)
    LeNet5,
    LeNet5WithHead,
    TutorialResNet50,
    ZooResNet50,
)
from tests.oracle.training import NETWORKS, ROWS, batches, summary, value
from tests.oracle.zoo import SOURCES, WHOLE, ZOO


class AlexNet(nn.Cell):
    def __init__(self, num_classes=10, channel=3):
        super().__init__()
        self.conv1 = nn.Conv2d(channel, 64, 11, stride=4, has_bias=True)
        self.conv2 = nn.Conv2d(64, 128, 5, has_bias=True)
        self.conv3 = nn.Conv2d(128, 192, 3, has_bias=True)
        self.conv4 = nn.Conv2d(192, 256, 3, has_bias=True)
        self.conv5 = nn.Conv2d(256, 256, 3, has_bias=True)
        self.fc1 = nn.Dense(6 * 6 * 256, 4096)
        self.fc2 = nn.Dense(4096, 4096)
        self.fc3 = nn.Dense(4096, num_classes)
        self.pool = nn.MaxPool2d(3, 2)
        self.dropout = nn.Dropout(p=0.35)

    def construct(self, x):
        x = self.pool(ops.relu(self.conv1(x)))
        x = self.pool(ops.relu(self.conv2(x)))
        x = ops.relu(self.conv4(ops.relu(self.conv3(x))))
        x = ops.flatten(self.pool(ops.relu(self.conv5(x))))
        x = self.dropout(ops.relu(self.fc1(x)))
        return self.fc3(self.dropout(ops.relu(self.fc2(x))))


def _double(cin, cout):
    return nn.SequentialCell(
        nn.Conv2d(cin, cout, 3, has_bias=True),
        nn.BatchNorm2d(cout),
        nn.ReLU(),
        nn.Conv2d(cout, cout, 3, has_bias=True),
        nn.BatchNorm2d(cout),
        nn.ReLU(),
    )


class Up(nn.Cell):
    def __init__(self, cin, cout):
        super().__init__()
        self.up = nn.Conv2dTranspose(cin, cout, 2, stride=2, has_bias=True)
        self.conv = _double(2 * cout, cout)

    def construct(self, x, skip):
        return self.conv(ops.concat((skip, self.up(x)), 1))


class UNet(nn.Cell):
    def __init__(self, classes=2, channels=1, base=16):
        super().__init__()
        self.inc = _double(channels, base)
        self.down1 = _double(base, base * 2)
        self.down2 = _double(base * 2, base * 4)
        self.down3 = _double(base * 4, base * 8)
        self.up1 = Up(base * 8, base * 4)
        self.up2 = Up(base * 4, base * 2)
        self.up3 = Up(base * 2, base)
        self.out = nn.Conv2d(base, classes, 1, has_bias=True)
        self.pool = nn.MaxPool2d(2, 2)

    def construct(self, x):
        one = self.inc(x)
        two = self.down1(self.pool(one))
        three = self.down2(self.pool(two))
        four = self.down3(self.pool(three))
        x = self.up1(four, three)
        x = self.up2(x, two)
        return self.out(self.up3(x, one))


class Siamese(nn.Cell):
    """Two images into two embeddings of one encoder."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.SequentialCell(
            nn.Conv2d(1, 8, 3, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(8, 16, 3, has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Dense(16 * 7 * 7, 32),
        )

    def construct(self, left, right):
        left, right = self.encoder(left), self.encoder(right)
        return left, ops.sqrt(((left - right) ** 2).sum(1) + 1e-6)


class WideDeep(nn.Cell):
    """Fields of a vocabulary with values: a linear part and a deep one."""

    def __init__(self, vocab=50, fields=5, size=8):
        super().__init__()
        self.wide = nn.Embedding(vocab, 1)
        self.deep = nn.Embedding(vocab, size)
        self.dense1 = nn.Dense(fields * size, 32)
        self.dense2 = nn.Dense(32, 16)
        self.dense3 = nn.Dense(16, 1)

    def construct(self, ids, values):
        scale = values.expand_dims(2)
        wide = (self.wide(ids) * scale).sum(1)
        deep = ops.reshape(self.deep(ids) * scale, (ids.shape[0], -1))
        deep = ops.relu(self.dense2(ops.relu(self.dense1(deep))))
        return ops.sigmoid(wide + self.dense3(deep))


class LstmClassifier(nn.Cell):
    def __init__(self, vocab=1000, size=32, hidden=64, classes=2):
        super().__init__()
        self.embedding = nn.Embedding(vocab, size)
        self.lstm = nn.LSTM(size, hidden, num_layers=2, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(p=0.5)
        self.fc = nn.Dense(2 * hidden, classes)

    def construct(self, ids):
        _, (h, _) = self.lstm(self.embedding(ids))
        return self.fc(self.dropout(ops.concat((h[-2], h[-1]), 1)))


class GruTagger(nn.Cell):
    def __init__(self, vocab=1000, size=32, hidden=64, tags=9):
        super().__init__()
        self.embedding = nn.Embedding(vocab, size)
        self.gru = nn.GRU(size, hidden, batch_first=True)
        self.fc = nn.Dense(hidden, tags)

    def construct(self, ids):
        outputs, _ = self.gru(self.embedding(ids))
        return self.fc(outputs)


def _heads(x, heads):
    n, t, size = x.shape
    return ops.transpose(ops.reshape(x, (n, t, heads, size // heads)), (0, 2, 1, 3))


def _joined(x):
    n, heads, t, size = x.shape
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (n, t, heads * size))


class BertAttention(nn.Cell):
    def __init__(self, size, heads):
        super().__init__()
        self.query_layer = nn.Dense(size, size)
        self.key_layer = nn.Dense(size, size)
        self.value_layer = nn.Dense(size, size)
        self.heads, self.scale = heads, (size // heads) ** -0.5

    def construct(self, x, mask):
        q, k = _heads(self.query_layer(x), self.heads), _heads(self.key_layer(x), self.heads)
        scores = ops.matmul(q, k.swapaxes(2, 3)) * self.scale
        scores = scores + (1 - mask.reshape(mask.shape[0], 1, 1, -1)) * -10000.0
        return _joined(ops.matmul(ops.softmax(scores, -1), _heads(self.value_layer(x), self.heads)))


class BertOutput(nn.Cell):
    def __init__(self, cin, cout):
        super().__init__()
        self.dense = nn.Dense(cin, cout)
        self.dropout = nn.Dropout(p=0.1)
        self.layernorm = nn.LayerNorm((cout,))

    def construct(self, x, residual):
        return self.layernorm(self.dropout(self.dense(x)) + residual)


class BertSelfAttention(nn.Cell):
    def __init__(self, size, heads):
        super().__init__()
        self.attention = BertAttention(size, heads)
        self.output = BertOutput(size, size)

    def construct(self, x, mask):
        return self.output(self.attention(x, mask), x)


class BertEncoder(nn.Cell):
    def __init__(self, size, heads, inner):
        super().__init__()
        self.attention = BertSelfAttention(size, heads)
        self.intermediate = nn.Dense(size, inner)
        self.output = BertOutput(inner, size)

    def construct(self, x, mask):
        x = self.attention(x, mask)
        return self.output(ops.gelu(self.intermediate(x)), x)


class BertTransformer(nn.Cell):
    def __init__(self, size, heads, inner, layers):
        super().__init__()
        self.layers = nn.CellList([BertEncoder(size, heads, inner) for _ in range(layers)])

    def construct(self, x, mask):
        for layer in self.layers:
            x = layer(x, mask)
        return x


class BertEmbeddings(nn.Cell):
    def __init__(self, size, length, types):
        super().__init__()
        self.token_type_embedding = nn.Embedding(types, size)
        self.full_position_embedding = nn.Embedding(length, size)
        self.layernorm = nn.LayerNorm((size,))
        self.dropout = nn.Dropout(p=0.1)

    def construct(self, words, kinds):
        places = self.full_position_embedding(ops.arange(words.shape[1]))
        return self.dropout(self.layernorm(words + self.token_type_embedding(kinds) + places))


class Bert(nn.Cell):
    def __init__(
        self, vocab=21128, size=768, layers=12, heads=12, inner=3072, positions=512, types=2
    ):
        super().__init__()
        self.bert_embedding_lookup = nn.Embedding(vocab, size)
        self.bert_embedding_postprocessor = BertEmbeddings(size, positions, types)
        self.bert_encoder = BertTransformer(size, heads, inner, layers)
        self.dense = nn.Dense(size, size)

    def construct(self, ids, kinds, mask):
        x = self.bert_embedding_postprocessor(self.bert_embedding_lookup(ids), kinds)
        x = self.bert_encoder(x, mask)
        return x, ops.tanh(self.dense(x[:, 0]))


class Attention(nn.Cell):
    def __init__(self, size, heads):
        super().__init__()
        self.query = nn.Dense(size, size)
        self.key = nn.Dense(size, size)
        self.value = nn.Dense(size, size)
        self.out = nn.Dense(size, size)
        self.heads, self.scale = heads, (size // heads) ** -0.5

    def construct(self, x, memory, seen):
        q, k = _heads(self.query(x), self.heads), _heads(self.key(memory), self.heads)
        scores = ops.matmul(q, k.swapaxes(2, 3)) * self.scale
        scores = ops.masked_fill(scores, ops.logical_not(seen), -1e9)
        value = _heads(self.value(memory), self.heads)
        return self.out(_joined(ops.matmul(ops.softmax(scores, -1), value)))


class FeedForward(nn.Cell):
    def __init__(self, size, inner):
        super().__init__()
        self.dense1 = nn.Dense(size, inner)
        self.dense2 = nn.Dense(inner, size)

    def construct(self, x):
        return self.dense2(ops.relu(self.dense1(x)))


class EncoderLayer(nn.Cell):
    def __init__(self, size, heads, inner):
        super().__init__()
        self.attention = Attention(size, heads)
        self.feed = FeedForward(size, inner)
        self.norm1 = nn.LayerNorm((size,))
        self.norm2 = nn.LayerNorm((size,))

    def construct(self, x, seen):
        x = self.norm1(x + self.attention(x, x, seen))
        return self.norm2(x + self.feed(x))


class DecoderLayer(nn.Cell):
    def __init__(self, size, heads, inner):
        super().__init__()
        self.attention = Attention(size, heads)
        self.cross = Attention(size, heads)
        self.feed = FeedForward(size, inner)
        self.norm1 = nn.LayerNorm((size,))
        self.norm2 = nn.LayerNorm((size,))
        self.norm3 = nn.LayerNorm((size,))

    def construct(self, x, memory, past, seen):
        x = self.norm1(x + self.attention(x, x, past))
        x = self.norm2(x + self.cross(x, memory, seen))
        return self.norm3(x + self.feed(x))


class Transformer(nn.Cell):
    def __init__(self, vocab=1000, size=512, layers=6, heads=8, inner=2048, length=64):
        super().__init__()
        self.source_embedding = nn.Embedding(vocab, size)
        self.target_embedding = nn.Embedding(vocab, size)
        self.source_position = Parameter(Tensor(np.zeros((length, size), np.float32)))
        self.target_position = Parameter(Tensor(np.zeros((length, size), np.float32)))
        self.encoder = nn.CellList([EncoderLayer(size, heads, inner) for _ in range(layers)])
        self.decoder = nn.CellList([DecoderLayer(size, heads, inner) for _ in range(layers)])
        self.head = nn.Dense(size, vocab, has_bias=False)

    def construct(self, source, target):
        t = target.shape[1]
        past = Tensor(np.tril(np.ones((t, t))) > 0)
        seen = Tensor(np.ones((t, source.shape[1])) > 0)
        memory = self.source_embedding(source) + self.source_position
        for layer in self.encoder:
            memory = layer(memory, Tensor(np.ones((source.shape[1],) * 2) > 0))
        x = self.target_embedding(target) + self.target_position
        for layer in self.decoder:
            x = layer(x, memory, past, seen)
        return self.head(x)


def _code_lines(text):
    """Lines that hold code: no blank line, comment or docstring."""
    tree = ast.parse(text)
    told = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    return sum(
        1
        for number, line in enumerate(text.splitlines(), 1)
        if number not in told and line.strip() and not line.strip().startswith("#")
    )


def _length(source):
    if source in globals():
        return _code_lines(inspect.getsource(globals()[source]))
    return _code_lines(inspect.getsource(importlib.import_module(f"mindcv.models.{source}")))


def _scope():
    from mindcv import models
    from mindcv.models.vgg import VGG, cfgs
    from mindcv.models.vit import VisionTransformer

    # VGG-11 with narrow first layers: 224x224 is the only size it takes, and of the millions of
    # windows of its pools some would lie on a kink
    cfgs["narrow"] = [8, "M", 8, "M", 16, 16, "M", 32, 32, "M", 512, 512, "M"]

    return {**globals(), "models": models, "VGG": VGG, "VisionTransformer": VisionTransformer}


class _WithLoss(nn.Cell):
    """One output of a network into a loss."""

    def __init__(self, net, loss, output):
        super().__init__(auto_prefix=False)
        self.net, self.loss, self.output = net, loss, output

    def construct(self, label, *given):
        result = self.net(*given)
        return self.loss(result[self.output] if isinstance(result, tuple) else result, label)


def _still(net):
    """Nothing is dropped: what is cannot be made equal. No auxiliary head runs: it is in the
    checkpoint, the spec's network computes the other output alone."""
    if hasattr(net, "aux_logits"):
        net.aux_logits = False
    for _, cell in net.cells_and_names():
        if isinstance(cell, nn.Dropout):
            cell.p = 0.0
        if type(cell).__name__ == "DropPath":
            cell.keep_prob = 1.0


def trained(name):
    """Ten steps: the losses, and the entries of network and optimizer after them."""
    row, net = ROWS[name], eval(NETWORKS[name][2], _scope())
    for parameter in net.get_parameters():
        parameter.set_data(Tensor(value(name, parameter.name, parameter.shape)))
    _still(net)
    (word, given), (loss, options) = row.optimizer, row.loss
    optimizer = getattr(nn, word)(net.trainable_params(), **given)
    step = nn.TrainOneStepCell(
        _WithLoss(net, getattr(nn, loss)(**options), row.output), optimizer
    ).set_train()
    losses = [
        float(step(Tensor(label), *map(Tensor, given)).asnumpy()) for given, label in batches(name)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/net.ckpt"
        ms.save_checkpoint(step, path)
        return losses, {key: value.asnumpy() for key, value in ms.load_checkpoint(path).items()}


def zoo_training(golden, wanted=ROWS):
    """Losses, names and shapes, and values of each entry; of networks not wanted they are kept."""
    path = golden / "zoo_training.npz"
    names, found = {}, {}
    if set(wanted) != set(ROWS):
        names = json.loads(gzip.decompress((golden / "zoo_training.json.gz").read_bytes()))
        found = dict(np.load(path))
    for name in wanted:
        losses, entries = trained(name)
        found[f"{name}/losses"] = np.array(losses, np.float32)
        names[name] = [[key, list(value.shape)] for key, value in entries.items()]
        found[f"{name}/entries"] = np.stack([summary(k, v) for k, v in entries.items()])
        print(name, losses, flush=True)
    with gzip.GzipFile(golden / "zoo_training.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(names).encode())
    np.savez_compressed(path, **found)


def exchange(folder, fill, wanted):
    """Checkpoints as MindSpore saves them; and of those that came back, what it does not take.

    A network's checkpoint that is there as ``NAME-back.ckpt`` must fill it wholly.
    """
    for name in wanted:
        net = eval(ZOO[name][2], globals())
        back = folder / f"{name}-back.ckpt"
        if not back.exists():
            fill(net)
            ms.save_checkpoint(net, str(folder / f"{name}.ckpt"))
            continue
        left = ms.load_param_into_net(net, ms.load_checkpoint(str(back)), strict_load=True)
        values = [p.asnumpy() for p in net.get_parameters()]
        fill(net)
        same = all(
            np.array_equal(p.asnumpy(), value)
            for p, value in zip(net.get_parameters(), values, strict=True)
        )
        print(json.dumps([name, *left, same]))


def zoo(golden, fill):
    scope = _scope()
    tables, found = {}, {}
    for name, (_, _, expression, shape) in ZOO.items():
        net = eval(expression, scope)
        tables[name] = [[p.name, list(p.shape), p.requires_grad] for p in net.get_parameters()]
        if shape is None:
            continue
        fill(net)
        given = [Tensor(x) for x in inputs.images(name, shape, name in WHOLE)]
        results = net.set_train(False)(*given)
        results = results if isinstance(results, tuple) else (results,)
        for index, result in enumerate(results):
            found[f"{name}/{index}"] = result.asnumpy()
        print(name, flush=True)
    tables["lengths"] = {spec: sum(map(_length, names)) for spec, names in SOURCES.items()}
    for spec, names in SOURCES.items():
        tables["lengths"][spec] += names[0] in globals()  # their line that imports mindspore
    with gzip.GzipFile(golden / "zoo.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(tables).encode())
    np.savez_compressed(golden / "zoo.npz", **found)
