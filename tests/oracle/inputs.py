"""Numbers that both sides make for themselves, with NumPy alone."""

import hashlib

import numpy as np


def numbers(shape, key):
    """Normal numbers that depend on the key alone."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "little")
    return np.random.Generator(np.random.Philox(seed)).standard_normal(shape).astype(np.float32)


def entering(row, key):
    """What enters a cell: normal numbers, or whole ones below the last item of its row."""
    shape, *limit = row[2:]
    if not limit:
        return numbers(shape, key)
    return np.floor(np.abs(numbers(shape, key)) * 3).astype(np.int32) % limit[0]


def images(name, shapes, whole=False):
    """What enters a network. Where numbers are whole, each shape ends with their limit; 0 stands
    for normal numbers, -1 for a mask."""
    listed = shapes if isinstance(shapes, list) else [shapes]
    return [_entering(f"{name} {index}", shape, whole) for index, shape in enumerate(listed)]


def _entering(key, shape, whole):
    if not whole:
        return numbers(shape, key)
    *sizes, limit = shape
    values = numbers(tuple(sizes), key)
    if limit == 0:
        return values
    if limit == -1:
        return (values > -1).astype(np.float32)
    return np.floor(np.abs(values) * limit).astype(np.int32) % limit


def sequences(name, shapes):
    """What enters a cell of sequences: normal numbers, or whole ones from 1 to a limit."""
    found = []
    for index, shape in enumerate(shapes):
        if isinstance(shape, list):
            (size, limit) = shape
            whole = np.floor(np.abs(numbers(size, f"{name} {index}")) * 3).astype(np.int32)
            found.append(whole % limit + 1)
        else:
            found.append(numbers(shape, f"{name} {index}"))
    return found


def entering_loss(kind):
    """Values or labels of a loss, [6, 5] or [6]."""
    whole = kind.removeprefix("rounded ")
    found = _entering_loss(whole)
    return found if whole == kind else np.round(found * 2) / 2 + np.float32(0)


def _entering_loss(kind):
    normal = numbers((6, 5), kind)
    if kind in ("logits", "values", "left", "right", "other"):
        return normal
    if kind == "pairs":
        return np.where(normal[:, 0] > 0, 1, -1).astype(np.float32)
    if kind == "column":
        return normal[:, :1]
    if kind == "row_variances":
        return np.abs(normal[:, 0]) + np.float32(0.1)
    if kind in (*_TIMED, *_UNLIKE):
        return _timed(kind) if kind in _TIMED else _unlike(kind)
    if kind == "positive":
        return np.abs(normal) + np.float32(0.1)
    if kind == "counts":
        return np.floor(np.abs(normal) * 3).astype(np.float32)
    if kind == "signs":
        return np.where(normal > 0, 1, -1).astype(np.float32)
    if kind == "truths":
        return (normal > 0).astype(np.float32)
    if kind == "classes":
        return np.arange(6, dtype=np.int32) % 5
    if kind == "numbers":
        return np.arange(6, dtype=np.int64) % 5
    if kind == "ended":
        rows = [[3, 0, -1, 1, 2], [-1, 0, 1, 2, 3], [4, 3, 2, 1, -1], [1, -1, -1, 0, 2]]
        return np.array([*rows, [0, 1, 2, 3, 4], [2, 4, -1, -1, 0]], np.int32)
    if kind == "columns":
        return (np.arange(6, dtype=np.int32) % 5).reshape(6, 1)
    shares = np.abs(normal) + np.float32(0.01)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.log(shares) if kind == "log" else shares


_UNLIKE = (
    *("row", "row_signs", "signs_or_none", "one_variance"),
    *("corners", "other_corners"),
    *("left_images", "right_images", "other_images", "pairs_of_images"),
)


def _unlike(kind):
    """What is spread over values [6, 5], or goes with images [6, 5, 2]."""
    normal = numbers((6, 5), kind)
    if kind.endswith("_images"):
        found = numbers((6, 5, 2), kind)
        return np.sign(found[:, 0]) if kind == "pairs_of_images" else found
    if kind.endswith("corners"):
        return np.eye(5, dtype=np.float32)[
            [0, 1, 2, 3, 4, 0] if kind == "corners" else [1, 0, 2, 4, 3, 0]
        ]
    if kind == "signs_or_none":
        return np.sign(np.round(normal))
    if kind == "one_variance":
        return np.abs(normal[:1, 0])
    return np.sign(normal[0]) if kind == "row_signs" else normal[0]


_TIMED = ("steps", "targets", "step_counts", "target_counts", "few_steps")


def _timed(kind):
    """What CTC takes: log-probabilities [9, 6, 5] and targets up to 4 long, some of them empty."""
    if kind == "steps":
        values = numbers((9, 6, 5), kind)
        values -= np.log(np.exp(values).sum(axis=2, keepdims=True))
        return values
    if kind == "targets":
        rows = [[1, 2, 3, 4], [1, 1, 2, 2], [4, 4, 4, 4], [2, 3, 0, 0], [3, 1, 0, 0], [1, 2, 1, 2]]
        return np.array(rows, np.int32)
    if kind == "step_counts":
        return np.array([9, 9, 7, 6, 3, 8], np.int32)
    if kind == "few_steps":  # fewer than equal labels need that follow each other
        return np.array([9, 5, 4, 6, 3, 8], np.int32)
    return np.array([4, 4, 4, 2, 1, 0], np.int32)


def parameter(name, shape):
    """A value for a parameter of that name: small weights, statistics near 0 and 1."""
    values = numbers(shape, name)
    return _shaped(name, shape, values).astype(np.float32)


def _shaped(name, shape, values):
    if name.endswith("moving_variance"):
        return np.abs(values) * 0.5 + 0.5
    if name.endswith("gamma"):
        return values * 0.1 + 1.0
    if len(shape) > 1:
        return values / np.sqrt(np.prod(shape[1:]))
    return values * 0.1


def batches(count, size=32, classes=10):
    """Batches of images [N, 1, 32, 32] and labels, always the same."""
    for index in range(count):
        images = numbers((size, 1, 32, 32), f"images {index}")
        labels = np.random.Generator(np.random.Philox(index)).integers(0, classes, size)
        yield images, labels.astype(np.int32)


TABLE = (6, 3)
"""Rows of a table that is looked up, and how long they are. The last is never met."""


def looked_up():
    """Indices, and what the rows are to become, step by step. No index meets twice in a step:
    MindSpore's CPU then takes several steps for one, its other devices add them up."""
    for step in range(6):
        ids = (np.arange(4) + 2 * step) % 5
        yield ids.reshape(2, 2).astype(np.int32), numbers((2, 2, 3), f"looked up {step}")
