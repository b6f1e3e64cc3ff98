"""The types that layers compute in: those of the spec, or of a policy that the program sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def own_types() -> Iterator[None]:
    """Build layers in float32 and with channels last where nothing but Keras's configuration file
    says otherwise. A policy that a program sets, such as ``mixed_float16``, stays."""
    config = keras.config
    before, policy, order = config.floatx(), config.dtype_policy(), config.image_data_format()
    config.set_image_data_format("channels_last")
    if policy.name == before != "float32":
        config.set_floatx("float32")
        config.set_dtype_policy("float32")
    try:
        yield
    finally:
        config.set_image_data_format(order)
        config.set_floatx(before)
        config.set_dtype_policy(policy)
