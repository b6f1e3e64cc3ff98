"""Networks with a loss, and steps of training, as scripts with a loop of their own make them
(mindspore.nn.wrap)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from declspore.eager.cell import Cell
from declspore.eager.gradients import value_and_grad
from declspore.ir.tensors import Tensor as BackendTensor
from declspore.ir.tensors import Tensors
from declspore.lower.immediate import immediate, of_backend
from declspore.lower.loss import Objective, several
from declspore.lower.optimizer import Optimizer
from declspore.tensor import Tensor


class LossBase(Cell):
    """Base class of losses written in Python (mindspore.nn.LossBase): ``construct`` takes the
    network's output and the labels and ends with ``get_loss``. Raises ValueError for an unknown
    ``reduction``."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"reduction must be mean, sum or none, not {reduction!r}")
        self.reduction = reduction

    def get_axis(self, x: Tensor) -> tuple[int, ...]:
        """All axes of a tensor."""
        return tuple(range(x.ndim))

    def get_loss(self, x: Tensor, weights: Tensor | float = 1.0) -> Tensor:
        """The values with their weights, reduced as asked for."""
        weighted: Tensor = x * weights
        if self.reduction == "none":
            return weighted
        reduced: Tensor = weighted.mean() if self.reduction == "mean" else weighted.sum()
        return reduced


class CellLoss(Objective):
    """A loss that is a cell or function of Python, as training takes one."""

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__([])
        self._function = function

    def of_batch(self, outputs: Tensors | None, labels: Tensors | None) -> BackendTensor:
        """The value for a batch: a tensor of the backend."""
        given = [*several(outputs), *several(labels)]
        result = self._function(*(of_backend(ops.convert_to_tensor(each)) for each in given))
        if not isinstance(result, Tensor):
            raise TypeError(f"a loss gives a tensor, not {type(result).__name__}")
        return immediate(result).tensor


class WithLossCell(Cell):
    """A network and a loss (mindspore.nn.WithLossCell): ``net(data, label)`` is the loss."""

    def __init__(self, backbone: keras.Model | Cell, loss_fn: Callable[..., object]) -> None:
        super().__init__(auto_prefix=False)
        self._backbone = backbone
        self._loss_fn = loss_fn

    @property
    def backbone_network(self) -> keras.Model | Cell:
        """The network without its loss."""
        return self._backbone

    @property
    def loss_fn(self) -> Callable[..., object]:
        """The loss."""
        return self._loss_fn

    def construct(self, data: object, label: object) -> object:
        return self._loss_fn(self._backbone(data), label)


class WithEvalCell(Cell):
    """A network and a loss for evaluation (mindspore.nn.WithEvalCell): loss, output and label."""

    def __init__(
        self,
        network: keras.Model | Cell,
        loss_fn: Callable[..., object],
        add_cast_fp32: bool = False,
    ) -> None:
        super().__init__(auto_prefix=False)
        self._network = network
        self._loss_fn = loss_fn

    def construct(self, data: object, label: object) -> tuple[object, object, object]:
        outputs = self._network(data)
        return self._loss_fn(outputs, label), outputs, label


class TrainOneStepCell(Cell):
    """One step of training (mindspore.nn.TrainOneStepCell): ``step(data, label)`` gives the loss
    and updates the parameters of the optimizer.

    ``network`` gives the loss, as :class:`WithLossCell` does; ``step.set_train()`` makes it compute
    as in training; ``sens`` is what the loss is
    multiplied by (the optimizer's ``loss_scale`` where it is None).
    """

    def __init__(
        self,
        network: Cell,
        optimizer: Optimizer,
        sens: float | None = None,
        return_grad: bool = False,
    ) -> None:
        super().__init__(auto_prefix=False)
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"optimizer must be one of declspore.nn, not {type(optimizer).__name__}"
            )
        self.network = network
        self.optimizer = optimizer
        self.weights = tuple(optimizer.parameters)
        self.sens = float(optimizer.loss_scale if sens is None else sens)
        self.return_grad = return_grad

    def construct(self, *inputs: object) -> Any:
        def scaled(*given: object) -> tuple[Tensor, Tensor]:
            loss = self.network(*given)
            return (loss * self.sens if self.sens != 1.0 else loss), loss

        (_, loss), gradients = value_and_grad(scaled, None, self.weights, has_aux=True)(*inputs)
        self.optimizer(gradients)
        return (loss, gradients) if self.return_grad else loss


def build_train_network(
    network: Cell,
    optimizer: Optimizer,
    loss_fn: Callable[..., object] | None = None,
    level: str = "O0",
    boost_level: str = "O0",
    **settings: Any,
) -> TrainOneStepCell:
    """A step of training for a network and a loss (mindspore.amp.build_train_network).

    Raises ValueError for an unknown ``level`` and for ``boost_level``.
    """
    from declspore.train.precision import auto_mixed_precision

    if boost_level != "O0":
        raise ValueError("boost_level is not supported; leave it out")
    auto_mixed_precision(network, level)
    whole = network if loss_fn is None else WithLossCell(network, loss_fn)
    return TrainOneStepCell(whole, optimizer, settings.get("loss_scale")).set_train()
