"""The loss of a batch that several devices share."""

from __future__ import annotations

from keras import ops

from declspore.ir.tensors import Tensor, Tensors
from declspore.lower.devices import SharingDevices, counted, share_of
from declspore.lower.loss import Loss, Objective, several


def loss_of_part(
    loss: Loss | Objective, outputs: Tensors, labels: Tensors, devices: SharingDevices
) -> tuple[Tensor, Tensor]:
    """What this device derives, and its part of the loss that is reported: the sum over all devices
    is the loss of the batch.

    A loss whose value is made of those of its samples is computed from the samples of this device.
    Any other one, and one of Python or of Keras, is computed from the outputs of all of them.
    """
    parts = loss.parts if isinstance(loss, Objective) else [(loss, None)]
    if not parts or not all(each.is_by_sample for each, _ in parts):
        outputs, labels = (
            [devices.rows(tensor) for tensor in several(given)] for given in (outputs, labels)
        )
        values = loss.of_batch(outputs, labels)
        return ops.sum(values), ops.mean(ops.cast(values, "float32")) * share_of(devices)
    if len(parts) == 1 and parts[0][0].made_by == "none":
        values = loss.of_batch(outputs, labels)
        mean = ops.mean(ops.cast(values, "float32"))
        return counted(devices, ops.sum(values)), mean * share_of(devices)
    if isinstance(loss, Objective):
        total = loss.added(outputs, labels, lambda one, given: _of_part(one, given, devices))
    else:
        total = _of_part(loss, (outputs, labels), devices)
    return total, ops.cast(total, "float32")


def _of_part(loss: Loss, entering: tuple[Tensors, Tensors], devices: SharingDevices) -> Tensor:
    """The samples of this device, divided by what the whole batch is divided by: a mean over them
    that is weighted would be rounded otherwise."""
    values = loss.unreduced().of_batch(*entering)
    total = counted(devices, ops.sum(values))
    if loss.made_by == "sum":
        return total
    whole = devices.place[2]
    if loss.made_by == "mean":
        whole = whole * (ops.size(values) // ops.shape(values)[0])
    return total / ops.cast(whole, total.dtype)
