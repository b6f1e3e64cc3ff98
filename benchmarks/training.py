"""Inference and training of compiled networks, against Keras by hand and against MindSpore.

    python -m benchmarks.training [--rounds N] [--mindspore PYTHON] [--only NAME]

One process per library; rounds go through all contenders one after the other, a few steps each,
and a ratio is taken within each round: the figures are medians of those ratios, above 1 where
declspore is faster. MindSpore runs its compiled graph, with ONEDNN_MAX_CPU_ISA=AVX2 (without that
its convolutions are a slow reference on some CPUs). Other work on the machine shifts a round, not
its ratios; more rounds say more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# what `declspore run` asks for with these networks; read when TensorFlow is imported
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras
import numpy as np

from benchmarks import by_hand
from declspore.api import load
from declspore.ir.timeline import Timeline
from declspore.lower.loss import Loss
from declspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from declspore.registry.policy import Policy, Run, State, policy
from declspore.training.engine import Engine
from declspore.training.feed import TrainingData
from declspore.training.step import Trainee

ROOT = Path(__file__).parents[1]
STEPS = {"lenet": (40, 40), "resnet50": (2, 1), "bert": (10, 6)}
"""Steps of a round: inference, training."""
STEPS_WITH_POLICIES = {"lenet": 128, "mlp": 64, "resnet14": 16, "resnet50": 4}


RESNETS = {"resnet14": [1, 1, 1, 1], "resnet50": [3, 4, 6, 3]}
"""Blocks of each stage."""


def given(name: str) -> tuple[np.ndarray, np.ndarray]:
    """A batch, channels first, and its labels."""
    shape, classes = {
        "lenet": ((32, 1, 32, 32), 10),
        "mlp": ((64, 784), 10),
        "resnet14": ((16, 3, 64, 64), 1001),
        "resnet50": ((8, 3, 128, 128), 1001),
        "bert": ((8, 128, 256), 0),
    }[name]
    source = np.random.default_rng(0)
    x = source.normal(size=shape).astype(np.float32)
    if not classes:
        return x, source.normal(size=shape).astype(np.float32)
    return x, source.integers(0, classes, shape[0]).astype(np.int32)


def compiled(name: str) -> keras.Model:
    if name == "lenet":
        return load(ROOT / "specs/lenet.spec").LeNet5(data_format="channels_last", seed=0)
    if name == "mlp":
        return load(ROOT / "benchmarks/mlp.spec").MLP(seed=0)
    if name.startswith("resnet"):
        depths = RESNETS[name]
        residual = load(ROOT / "specs/resnet50.spec").ResNet
        return residual(depths, data_format="channels_last", seed=0)
    return load(ROOT / "benchmarks/bert_layer.spec").BertLayer(seed=0)


def loss_of(name: str) -> Loss:
    if name == "bert":
        return Loss("MSELoss", {"reduction": "mean"})
    return SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")


class InKeras:
    """A model with its optimizer and loss, and the batch as it takes it."""

    def __init__(self, name: str, model: keras.Model, optimizer: object, loss: object) -> None:
        x, self.y = given(name)
        self.x = x.transpose(0, 2, 3, 1) if x.ndim == 4 else x
        self.model = model
        model.compile(optimizer=optimizer, loss=loss)

    def infer(self, steps: int) -> None:
        for _ in range(steps):
            self.model.predict_on_batch(self.x)

    def train(self, steps: int) -> None:
        for _ in range(steps):
            self.model.train_on_batch(self.x, self.y)

    def seconds(self, what: str, steps: int) -> float:
        start = time.perf_counter()
        getattr(self, what)(steps)
        return (time.perf_counter() - start) / steps


class InMindSpore:
    """The same, in a process of its own that is told what to do line by line."""

    def __init__(self, python: str, name: str) -> None:
        environment = {
            **os.environ,
            "ONEDNN_MAX_CPU_ISA": "AVX2",
            "PYTHONPATH": str(ROOT),
            "GLOG_v": "3",
        }
        command = [python, str(ROOT / "benchmarks" / "in_mindspore.py"), name]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def seconds(self, what: str, steps: int) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(what, steps, file=self._process.stdin, flush=True)
        for line in self._process.stdout:
            if line.startswith("took "):
                return float(line.split()[1])
        raise RuntimeError("MindSpore's process ended")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def contenders(name: str, python: str | None) -> dict[str, InKeras | InMindSpore]:
    ours = compiled(name)
    found: dict[str, InKeras | InMindSpore] = {
        "declspore": InKeras(
            name, ours, Momentum(ours.trainable_params(), 0.001, 0.9), loss_of(name)
        ),
        "Keras by hand": InKeras(
            name,
            by_hand.MODELS[name](),
            keras.optimizers.SGD(0.001, momentum=0.9),
            "mse"
            if name == "bert"
            else keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ),
    }
    if python:
        found["MindSpore"] = InMindSpore(python, name)
    return found


def compare(name: str, rounds: int, python: str | None) -> None:
    found = contenders(name, python)
    for what, steps in zip(("infer", "train"), STEPS[name], strict=True):
        for contender in found.values():
            contender.seconds(what, 2)
        times: dict[str, list[float]] = {key: [] for key in found}
        for round in range(rounds):
            order = list(found)
            for key in order if round % 2 else reversed(order):
                times[key].append(found[key].seconds(what, steps))
        row(f"{name}, {what}", times)
    for contender in found.values():
        if isinstance(contender, InMindSpore):
            contender.close()


class Clock(Policy):
    """Measures epochs, by the clock and by the processor. It is asked after so many steps, which
    run at once then, where it says so. The first epoch, in which graphs are made, does not
    count."""

    def __init__(self, steps: int | None = None) -> None:
        self._steps = steps
        self._wall: list[float] = []
        self._processor: list[float] = []

    def next_pause(self, state: State, run: Run) -> int | None:
        return None if self._steps is None else run.step + self._steps

    def start_epoch(self) -> None:
        self._begun = time.perf_counter(), time.process_time()

    def end_epoch(self) -> None:
        wall, processor = self._begun
        self._wall.append(time.perf_counter() - wall)
        self._processor.append(time.process_time() - processor)

    def before_epoch(self, state: State, run: Run) -> State:
        self.start_epoch()
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        self.end_epoch()
        return state

    @property
    def wall(self) -> float:
        return statistics.fmean(self._wall[1:])

    @property
    def processor(self) -> float:
        return statistics.fmean(self._processor[1:])


class InKerasToo(keras.callbacks.Callback):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self._clock.start_epoch()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self._clock.end_epoch()


def run_epochs(trainee: Trainee, data: Any, epochs: int, clock: Clock) -> None:
    """Train as the task `train` does where nothing else looks at steps."""
    length = int(data.cardinality())
    timeline = Timeline(epochs, length, epochs * length)
    Engine(trainee, TrainingData(data, length), timeline, [clock]).train()


def epochs(rounds: int) -> None:
    """LeNet5 over an epoch of 128 steps: the task `train` where nothing watches each step, and
    `fit` as Keras has it, both fed by tf.data."""
    import tensorflow as tf

    x, y = given("lenet")
    images = np.tile(x.transpose(0, 2, 3, 1), (128, 1, 1, 1))
    data = tf.data.Dataset.from_tensor_slices((images, np.tile(y, 128))).batch(32)
    options = tf.data.Options()
    options.autotune.enabled = False
    data = data.cache().prefetch(4).with_options(options)
    ours = compiled("lenet")
    optimizer, loss = Momentum(ours.trainable_params(), 0.001, 0.9), loss_of("lenet")
    theirs = by_hand.MODELS["lenet"]()
    theirs.compile(
        keras.optimizers.SGD(0.001, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    steps = len(images) // 32

    def run_ours(clock: Clock) -> None:
        run_epochs(Trainee(ours, loss, optimizer), data, 5, clock)

    def run_theirs(clock: Clock) -> None:
        theirs.fit(data, epochs=5, verbose=0, shuffle=False, callbacks=[InKerasToo(clock)])

    works: dict[str, Callable[[Clock], None]] = {"declspore": run_ours, "Keras fit": run_theirs}
    wall: dict[str, list[float]] = {key: [] for key in works}
    processor: dict[str, list[float]] = {key: [] for key in works}
    for _ in range(rounds):
        for key, work in works.items():
            clock = Clock()
            work(clock)
            wall[key].append(clock.wall / steps)
            processor[key].append(clock.processor / steps)
    row("lenet, whole epochs, clock", wall)
    row("lenet, whole epochs, processor", processor)


ALL = [
    policy("DynamicLossScale", init_loss_scale=1024.0),
    policy("ClipByGlobalNorm", clip_norm=1.0),
    policy("Accumulate", steps=4),
    policy("EMA", decay=0.999),
]
"""What :class:`benchmarks.by_hand.Policies` does by hand."""


class Turns(Policy):
    """Takes turns, an epoch each: what it measures of an epoch ends when the policies after it
    are asked, and then the others run theirs. The first turn compiles, and does not count."""

    def __init__(self, theirs: Callable[[], object]) -> None:
        self._theirs = theirs
        self.wall: dict[str, list[float]] = {"declspore": [], "by hand": []}
        self.processor: dict[str, list[float]] = {"declspore": [], "by hand": []}

    def before_epoch(self, state: State, run: Run) -> State:
        self._begun = time.perf_counter(), time.process_time()
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        self._took("declspore")
        self.before_epoch(state, run)
        self._theirs()
        self._took("by hand")
        return state

    def _took(self, whose: str) -> None:
        wall, processor = self._begun
        self.wall[whose].append(time.perf_counter() - wall)
        self.processor[whose].append(time.process_time() - processor)


def policies(rounds: int, name: str) -> None:
    """A dynamic loss scale, clipping, gradients of four batches and a moving average: the engine
    with these and with what the task `train` adds, and a loop that is written for them by hand."""
    import tensorflow as tf

    steps = STEPS_WITH_POLICIES[name]
    x, y = given(name)
    x = x.transpose(0, 2, 3, 1) if x.ndim == 4 else x
    data = tf.data.Dataset.from_tensors((x, y)).cache().repeat(steps)
    data = data.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(4)
    ours = compiled(name)
    optimizer, loss = Momentum(ours.trainable_params(), 0.001, 0.9), loss_of(name)
    by_themselves = by_hand.Policies(by_hand.MODELS[name]())
    turns = Turns(lambda: by_themselves.epoch(data))
    own = [policy(word) for word in ("FiniteLoss", "Progress", "History")]
    timeline = Timeline(rounds + 1, steps, (rounds + 1) * steps)
    trainee = Trainee(ours, loss, optimizer)
    Engine(trainee, TrainingData(data, steps), timeline, [*ALL, turns, *own]).train()
    for what, found in (("clock", turns.wall), ("processor", turns.processor)):
        times = {who: [each / steps for each in taken[1:]] for who, taken in found.items()}
        row(f"{name}, all policies, {what}", times)


def row(title: str, times: dict[str, list[float]]) -> None:
    own = times.pop("declspore")
    told = []
    for key, theirs in times.items():
        ratios = sorted(their / mine for their, mine in zip(theirs, own, strict=True))
        middle = statistics.median(ratios)
        low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
        told.append(f"{key} {middle:.2f}x ({low:.2f} to {high:.2f})")
    print(f"| {title} | {statistics.median(own) * 1e3:.3g} ms | {', '.join(told)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--mindspore", default=os.environ.get("DECLSPORE_MINDSPORE"))
    parser.add_argument("--only", choices=[*STEPS, "epochs", "policies"], nargs="+")
    parser.add_argument("--policies", choices=STEPS_WITH_POLICIES, nargs="+")
    given = parser.parse_args()
    if given.policies and not given.only:
        given.only = [""]
    print("| | a step | others take, median of ratios (middle half) |\n|---|---|---|")
    for name in STEPS:
        if not given.only or name in given.only:
            compare(name, given.rounds, given.mindspore)
    if not given.only or "epochs" in given.only:
        epochs(given.rounds)
    if not given.only or "policies" in given.only:
        for name in STEPS_WITH_POLICIES:
            policies(given.rounds, name)
    for name in given.policies or ():
        policies(given.rounds, name)


if __name__ == "__main__":
    main()
