"""Memory of batches, used again where nothing holds it."""

import numpy as np
import tensorflow as tf

from declspore.data.memory import Memory

F32 = np.dtype(np.float32)


def _place(array):
    return array.ctypes.data


def test_memory_that_nothing_holds_is_used_again():
    memory = Memory()
    first = memory.array((3, 1000), F32)
    place = _place(first)
    assert place % 64 == 0
    view = first[1:, ::2]
    del first
    second = memory.array((3, 1000), F32)
    assert _place(second) != place
    del view
    assert _place(memory.array((2, 1000), F32)) == place  # a smaller last batch, too


def test_a_tensor_holds_its_memory():
    memory = Memory()

    numbers = iter(range(100))

    def made():
        found = memory.array((1 << 16,), F32)
        found[:] = next(numbers)
        return found

    @tf.function(autograph=False)
    def graph():
        return tf.numpy_function(made, [], tf.float32)

    held = [graph() for _ in range(3)]
    several = [graph() for _ in range(20)]
    assert [float(tensor[0]) for tensor in held + several] == list(range(23))
    before = len(memory._kept)
    del held, several
    for _ in range(20):
        graph()
    assert len(memory._kept) <= before


def test_larger_arrays_take_the_place_of_smaller_ones(monkeypatch):
    monkeypatch.setattr("declspore.data.memory._MOST", 10_000)
    memory = Memory()
    small = memory.array((4,), F32)
    large = [memory.array((1000,), F32) for _ in range(4)]
    assert small.nbytes == 16
    assert len({_place(array) for array in large}) == 4
    assert len(memory._kept) == 2
