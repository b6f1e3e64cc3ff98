"""What multiplies the loss of a training."""

from __future__ import annotations

import keras

from declspore.registry.policy import Policy, policy

_KERAS_SCALE = 2.0**15
"""What Keras begins with, too."""


def scaling(network: keras.Model, loss_scale: float) -> list[Policy]:
    """The policies for a loss that is multiplied by ``loss_scale``, which the optimizer divides by.

    A network that computes in float16 has a dynamic scale besides, as under Keras's ``fit``.
    """
    found = [policy("ScaledLoss", loss_scale=loss_scale)]
    if network.dtype_policy.name == "mixed_float16":
        found.append(policy("DynamicLossScale", init_loss_scale=_KERAS_SCALE))
    return found
