"""Pictures and arrays to batches: declspore, tf.data by hand, and MindSpore's engine, in turns.

    python benchmarks/data.py [--pictures 1000] [--rounds 5] [--memory 5]

``--memory GB`` goes through a file of so many gigabytes and reports what memory it took.
``--first`` gives what is measured precedence over everything else on the machine (root alone may),
for machines that have other work.
MindSpore runs where DECLSPORE_MINDSPORE names a Python that has it. Pictures are JPEG of 500 x 400,
written once to a temporary folder: random resized crop to 224, flip, normalize, [C, H, W],
batches of 32. Figures are medians of the rounds, which alternate, and the best of them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SPEC = """spec 1
dataset d = ImageFolder("{0}") |> shuffle(seed = 1) |> RandomCropDecodeResize(224)
  |> RandomHorizontalFlip() |> Normalize([123.7, 116.3, 103.5], [58.4, 57.1, 57.4])
  |> HWC2CHW() |> batch(32, drop_remainder = true)
"""
MINDSPORE = """
import json, os, subprocess, sys, time
import mindspore.dataset as ds
from mindspore.dataset import vision
folder, workers = sys.argv[1], int(sys.argv[2])
ds.config.set_seed(1)
data = ds.ImageFolderDataset(folder, shuffle=True, num_parallel_workers=workers)
steps = [vision.RandomCropDecodeResize(224), vision.RandomHorizontalFlip(),
         vision.Normalize([123.7, 116.3, 103.5], [58.4, 57.1, 57.4]), vision.HWC2CHW()]
data = data.map(steps, "image", num_parallel_workers=workers)
data = data.batch(32, True, num_parallel_workers=workers)
for _ in range(2):
    batches = data.create_tuple_iterator(num_epochs=1, output_numpy=True)
    if sys.argv[3] == "first":
        subprocess.run(["chrt", "-a", "-f", "-p", "1", str(os.getpid())], stderr=subprocess.DEVNULL)
    begin, busy, count = time.perf_counter(), time.process_time(), 0
    for image, label in batches:
        count += len(label)
    rate = count / (time.perf_counter() - begin), (time.process_time() - busy) / count * 1e3
print(json.dumps(rate))
"""


def write_pictures(folder: Path, count: int) -> None:
    import cv2
    import numpy as np

    generator = np.random.default_rng(0)
    for i in range(count):
        small = generator.integers(0, 256, (13, 16, 3)).astype(np.uint8)
        path = folder / f"class{i % 10}" / f"{i}.jpg"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), cv2.resize(small, (500, 400), interpolation=cv2.INTER_CUBIC))


def by_hand(folder: Path):
    """The same steps in tf.data, with its own parallelism."""
    import tensorflow as tf

    paths = sorted(map(str, folder.glob("*/*.jpg")))
    labels = [int(path.split("class")[1][0]) for path in paths]
    mean, std = tf.constant([123.7, 116.3, 103.5]), tf.constant([58.4, 57.1, 57.4])

    def one(path, label):
        data = tf.io.read_file(path)
        box = tf.zeros((1, 0, 4))
        shape = tf.io.extract_jpeg_shape(data)
        begin, size, _ = tf.image.sample_distorted_bounding_box(
            shape, box, 0, 0.1, (3 / 4, 4 / 3), (0.08, 1.0), 10, True
        )
        top, left, _ = tf.unstack(begin)
        high, wide, _ = tf.unstack(size)
        part = tf.io.decode_and_crop_jpeg(data, tf.stack([top, left, high, wide]), 3)
        image = tf.image.random_flip_left_right(tf.image.resize(part, (224, 224)))
        return tf.transpose((image - mean) / std, (2, 0, 1)), label

    found = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(len(paths))
    found = found.map(one, num_parallel_calls=tf.data.AUTOTUNE)
    return found.batch(32, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


def precede(first: bool) -> None:
    """Give all threads of this process precedence over others, or take it back."""
    policy, priority = ("-f", "1") if first else ("-o", "0")
    command = ["chrt", "-a", policy, "-p", priority, str(os.getpid())]
    subprocess.run(
        command, check=False, stderr=subprocess.DEVNULL
    )  # a thread may have ended in between


def rate(batches, first: bool) -> tuple[float, float]:
    """Images a second, and milliseconds of processor time an image."""
    if first:
        precede(True)
    begin, busy, count = time.perf_counter(), time.process_time(), 0
    for _, labels in batches:
        count += len(labels)
    found = count / (time.perf_counter() - begin), (time.process_time() - busy) / count * 1e3
    if first:
        precede(False)
    return found


def pictures(count: int, rounds: int, first: bool) -> None:
    from declspore.check.check import check
    from declspore.data.stream import Stream
    from declspore.source import Source

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder, count)
        stream = Stream(check(Source("bench", SPEC.format(folder))).datasets["d"], 0)
        hand = by_hand(folder)
        found: dict[str, list[tuple[float, float]]] = {}
        python = os.environ.get("DECLSPORE_MINDSPORE")
        for number in range(1, rounds + 1):
            found.setdefault("declspore", []).append(rate(stream.epoch(number), first))
            found.setdefault("tf.data by hand", []).append(rate(hand, first))
            for workers in (1, 2) if python else ():
                command = [str(python), "-c", MINDSPORE, name, str(workers)]
                command.append("first" if first else "")
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                of = f"MindSpore, {workers} worker{'s' if workers > 1 else ''}"
                found.setdefault(of, []).append(json.loads(done.stdout.splitlines()[-1]))
    print("| engine | images a second | best | processor time an image | best |")
    print("|---|---|---|---|---|")
    for engine, rounds_ in found.items():
        rates, busy = zip(*rounds_, strict=True)
        print(
            f"| {engine} | {statistics.median(rates):.0f} | {max(rates):.0f} "
            f"| {statistics.median(busy):.2f} ms | {min(busy):.2f} ms |"
        )


MEMORY = """
import json, sys, time
from declspore.check.check import check
from declspore.data.stream import Stream
from declspore.source import Source
def anonymous():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024
text = '''spec 1
dataset d = NumpySlices("FOLDER", [Column("x", [1024])]) |> shuffle() |> batch(256)'''
data = check(Source("bench", text.replace("FOLDER", sys.argv[1]))).datasets["d"]
begin, most = time.perf_counter(), 0
for number, _ in enumerate(Stream(data, 0).epoch(1)):
    if number % 200 == 0:
        most = max(most, anonymous())
print(json.dumps([most, time.perf_counter() - begin]))
"""


def memory(gigabytes: float) -> None:
    import numpy as np

    with tempfile.TemporaryDirectory() as name:
        rows = int(gigabytes * 1e9 / 4096)
        with (Path(name) / "x.npy").open("wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": (rows, 1024)}
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + rows * 4096)
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, name], capture_output=True, text=True, check=True
        )
    most, seconds = json.loads(done.stdout.splitlines()[-1])
    print(f"{gigabytes:g} GB in random order: {most:.0f} MB of memory at most, {seconds:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=float, default=0.0)
    parser.add_argument("--first", action="store_true")
    given = parser.parse_args()
    if given.memory:
        memory(given.memory)
    else:
        pictures(given.pictures, given.rounds, given.first)


if __name__ == "__main__":
    main()
