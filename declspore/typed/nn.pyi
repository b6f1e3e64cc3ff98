"""Words of ``declspore.nn`` for type checkers.

Generated: ``python -m tests.python.write_stubs``.
"""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from numpy.typing import NDArray

from declspore.eager.cell import Cell
from declspore.ir.term import Term as _Term
from declspore.lower.loss import Loss as _Loss
from declspore.lower.loss import Objective as _Objective
from declspore.lower.optimizer import Optimizer
from declspore.tensor import Tensor
from declspore.train.metric import Metric as _Metric

_Tensor = Tensor | _float | NDArray[Any]
_Initial = Tensor | _Term | _str | _float

def ASGD(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    lambd: _float = ...,
    alpha: _float = ...,
    t0: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def AUC(class_num: _int | None = ..., pos_label: _int | None = ...) -> _Metric: ...
def Accuracy(eval_type: Literal["classification", "multilabel"] = ...) -> _Metric: ...
def AdaFactor(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor | None = ...,
    eps: Sequence[_float] = ...,
    clip_threshold: _float = ...,
    decay_rate: _float = ...,
    beta1: _float = ...,
    weight_decay: _float = ...,
    scale_parameter: _bool = ...,
    relative_step: _bool = ...,
    warmup_init: _bool = ...,
    compression: _bool = ...,
    loss_scale: _float = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def AdaMax(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    beta1: _float = ...,
    beta2: _float = ...,
    eps: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    loss_scale: _float = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def Adadelta(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    rho: _float = ...,
    epsilon: _float = ...,
    loss_scale: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def Adagrad(
    params: Iterable[Any],
    accum: _float = ...,
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    update_slots: _bool = ...,
    loss_scale: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def Adam(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    beta1: _float = ...,
    beta2: _float = ...,
    eps: _float = ...,
    use_locking: _bool = ...,
    use_nesterov: _bool = ...,
    weight_decay: _float | _Term | Tensor = ...,
    loss_scale: _float = ...,
    use_amsgrad: _bool = ...,
    use_lazy: _bool = ...,
    use_offload: _bool = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def AdamOffload(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    beta1: _float = ...,
    beta2: _float = ...,
    eps: _float = ...,
    use_locking: _bool = ...,
    use_nesterov: _bool = ...,
    weight_decay: _float | _Term | Tensor = ...,
    loss_scale: _float = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def AdamWeightDecay(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    beta1: _float = ...,
    beta2: _float = ...,
    eps: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...

class AdaptiveAvgPool1d(Cell):
    def __init__(self, output_size: _int | None | Sequence[_int | None]) -> None: ...

class AdaptiveAvgPool2d(Cell):
    def __init__(self, output_size: _int | None | Sequence[_int | None]) -> None: ...

class AdaptiveAvgPool3d(Cell):
    def __init__(self, output_size: _int | None | Sequence[_int | None]) -> None: ...

class AdaptiveMaxPool1d(Cell):
    def __init__(self, output_size: _int | None | Sequence[_int | None]) -> None: ...

class AdaptiveMaxPool2d(Cell):
    def __init__(
        self, output_size: _int | None | Sequence[_int | None], return_indices: _bool = ...
    ) -> None: ...

class AdaptiveMaxPool3d(Cell):
    def __init__(
        self, output_size: _int | None | Sequence[_int | None], return_indices: _bool = ...
    ) -> None: ...

class AvgPool1d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int] = ...,
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        ceil_mode: _bool = ...,
        count_include_pad: _bool = ...,
    ) -> None: ...

class AvgPool2d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int] = ...,
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        ceil_mode: _bool = ...,
        count_include_pad: _bool = ...,
        divisor_override: _int | None = ...,
    ) -> None: ...

class AvgPool3d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int] = ...,
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        ceil_mode: _bool = ...,
        count_include_pad: _bool = ...,
        divisor_override: _int | None = ...,
    ) -> None: ...

def BCELoss(weight: Any = ..., reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...
def BCEWithLogitsLoss(
    reduction: Literal["none", "mean", "sum"] = ..., weight: Any = ..., pos_weight: Any = ...
) -> _Loss: ...

class BatchNorm1d(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
        moving_mean_init: _Initial = ...,
        moving_var_init: _Initial = ...,
        use_batch_statistics: _bool | None = ...,
    ) -> None: ...

class BatchNorm2d(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
        moving_mean_init: _Initial = ...,
        moving_var_init: _Initial = ...,
        use_batch_statistics: _bool | None = ...,
    ) -> None: ...

class BatchNorm3d(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
        moving_mean_init: _Initial = ...,
        moving_var_init: _Initial = ...,
        use_batch_statistics: _bool | None = ...,
    ) -> None: ...

class BiDense(Cell):
    def __init__(
        self,
        in1_channels: _int,
        in2_channels: _int,
        out_channels: _int,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
        has_bias: _bool = ...,
    ) -> None: ...

def BleuScore(n_gram: _int = ..., smooth: _bool = ..., pad: _int | None = ...) -> _Metric: ...

class CELU(Cell):
    def __init__(self, alpha: _float = ...) -> None: ...

def CTCLoss(
    blank: _int = ..., reduction: Literal["none", "mean", "sum"] = ..., zero_infinity: _bool = ...
) -> _Loss: ...

class CentralCrop(Cell):
    def __init__(self, central_fraction: _float) -> None: ...

class ChannelShuffle(Cell):
    def __init__(self, groups: _int) -> None: ...

def ConfusionMatrix(
    num_classes: _int,
    normalize: Literal["no_norm", "target", "prediction", "all"] = ...,
    threshold: _float = ...,
) -> _Metric: ...
def ConfusionMatrixMetric(
    skip_channel: _bool = ...,
    metric_name: Any = ...,
    calculation_method: _bool = ...,
    decrease: Literal["mean", "sum"] = ...,
) -> _Metric: ...

class ConstantPad1d(Cell):
    def __init__(self, padding: _int | Sequence[_int], value: _float) -> None: ...

class ConstantPad2d(Cell):
    def __init__(self, padding: _int | Sequence[_int], value: _float) -> None: ...

class ConstantPad3d(Cell):
    def __init__(self, padding: _int | Sequence[_int], value: _float) -> None: ...

class Conv1d(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        has_bias: _bool = ...,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
    ) -> None: ...

class Conv1dTranspose(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        has_bias: _bool = ...,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
    ) -> None: ...

class Conv2d(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        has_bias: _bool = ...,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
    ) -> None: ...

class Conv2dBnAct(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        has_bias: _bool = ...,
        weight_init: _Initial = ...,
        bias_init: _Initial = ...,
        has_bn: _bool = ...,
        momentum: _float = ...,
        eps: _float = ...,
        activation: Literal[
            "relu",
            "relu6",
            "sigmoid",
            "tanh",
            "softmax",
            "logsoftmax",
            "gelu",
            "elu",
            "leakyrelu",
            "hswish",
            "hsigmoid",
            "silu",
            "mish",
            "softsign",
            "logsigmoid",
            "softmin",
            "fast_gelu",
            "tanhshrink",
            "hardtanh",
            "hshrink",
            "softshrink",
        ]
        | None = ...,
        alpha: _float = ...,
        after_fake: _bool = ...,
    ) -> None: ...

class Conv2dTranspose(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        output_padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        has_bias: _bool = ...,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
    ) -> None: ...

class Conv3d(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        has_bias: _bool = ...,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
    ) -> None: ...

class Conv3dTranspose(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        group: _int = ...,
        output_padding: _int | Sequence[_int] = ...,
        has_bias: _bool = ...,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
    ) -> None: ...

def CosineDecayLR(min_lr: _float, max_lr: _float, decay_steps: Any) -> _Term: ...
def CosineEmbeddingLoss(
    margin: _float = ..., reduction: Literal["none", "mean", "sum"] = ...
) -> _Loss: ...
def CosineSimilarity(
    similarity: Literal["cosine", "dot"] = ...,
    reduction: Literal["none", "sum", "mean"] = ...,
    zero_diagonal: _bool = ...,
) -> _Metric: ...
def CrossEntropyLoss(
    weight: Sequence[_float] | None = ...,
    ignore_index: _int = ...,
    reduction: Literal["none", "mean", "sum"] = ...,
    label_smoothing: _float = ...,
) -> _Loss: ...

class Dense(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        weight_init: _Initial | None = ...,
        bias_init: _Initial | None = ...,
        has_bias: _bool = ...,
        activation: Literal[
            "relu",
            "relu6",
            "sigmoid",
            "tanh",
            "softmax",
            "logsoftmax",
            "gelu",
            "elu",
            "leakyrelu",
            "hswish",
            "hsigmoid",
            "silu",
            "mish",
            "softsign",
            "logsigmoid",
            "softmin",
            "fast_gelu",
            "tanhshrink",
            "hardtanh",
            "hshrink",
            "softshrink",
        ]
        | None = ...,
    ) -> None: ...

class DenseBnAct(Cell):
    def __init__(
        self,
        in_channels: _int,
        out_channels: _int,
        weight_init: _Initial = ...,
        bias_init: _Initial = ...,
        has_bias: _bool = ...,
        has_bn: _bool = ...,
        momentum: _float = ...,
        eps: _float = ...,
        activation: Literal[
            "relu",
            "relu6",
            "sigmoid",
            "tanh",
            "softmax",
            "logsoftmax",
            "gelu",
            "elu",
            "leakyrelu",
            "hswish",
            "hsigmoid",
            "silu",
            "mish",
            "softsign",
            "logsigmoid",
            "softmin",
            "fast_gelu",
            "tanhshrink",
            "hardtanh",
            "hshrink",
            "softshrink",
        ]
        | None = ...,
        alpha: _float = ...,
        after_fake: _bool = ...,
    ) -> None: ...

class DiGamma(Cell):
    def __init__(self) -> None: ...

def Dice(smooth: _float = ...) -> _Metric: ...
def DiceLoss(smooth: _float = ...) -> _Loss: ...

class Dropout(Cell):
    def __init__(self, keep_prob: _float = ..., p: _float | None = ...) -> None: ...

class Dropout1d(Cell):
    def __init__(self, p: _float = ...) -> None: ...

class Dropout2d(Cell):
    def __init__(self, p: _float = ...) -> None: ...

class Dropout3d(Cell):
    def __init__(self, p: _float = ...) -> None: ...

class ELU(Cell):
    def __init__(self, alpha: _float = ...) -> None: ...

class Embedding(Cell):
    def __init__(
        self,
        vocab_size: _int,
        embedding_size: _int,
        use_one_hot: _bool = ...,
        embedding_table: _Initial = ...,
        padding_idx: _int | None = ...,
    ) -> None: ...

class EmbeddingLookup(Cell):
    def __init__(
        self,
        vocab_size: _int,
        embedding_size: _int,
        param_init: _Initial = ...,
        max_norm: _float | None = ...,
    ) -> None: ...

def ExponentialDecayLR(
    learning_rate: _float, decay_rate: _float, decay_steps: Any, is_stair: _bool = ...
) -> _Term: ...
def F1(average: _bool = ...) -> _Metric: ...
def FTRL(
    params: Iterable[Any],
    initial_accum: _float = ...,
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    lr_power: _float = ...,
    l1: _float = ...,
    l2: _float = ...,
    use_locking: _bool = ...,
    loss_scale: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...

class FastGelu(Cell):
    def __init__(self) -> None: ...

def Fbeta(beta: _float, average: _bool = ...) -> _Metric: ...

class Flatten(Cell):
    def __init__(self, start_dim: _int = ..., end_dim: _int = ...) -> None: ...

def FocalLoss(
    weight: Sequence[_float] | None = ...,
    gamma: _float = ...,
    reduction: Literal["none", "mean", "sum"] = ...,
) -> _Loss: ...

class GELU(Cell):
    def __init__(self, approximate: _bool = ...) -> None: ...

class GLU(Cell):
    def __init__(self, axis: _int = ...) -> None: ...

class GRU(Cell):
    def __init__(
        self,
        input_size: _int,
        hidden_size: _int,
        num_layers: _int = ...,
        has_bias: _bool = ...,
        batch_first: _bool = ...,
        dropout: _float = ...,
        bidirectional: _bool = ...,
    ) -> None: ...

class GRUCell(Cell):
    def __init__(self, input_size: _int, hidden_size: _int, has_bias: _bool = ...) -> None: ...

def GaussianNLLLoss(
    full: _bool = ..., eps: _float = ..., reduction: Literal["none", "mean", "sum"] = ...
) -> _Loss: ...

class GroupNorm(Cell):
    def __init__(
        self,
        num_groups: _int,
        num_channels: _int,
        eps: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
    ) -> None: ...

class HShrink(Cell):
    def __init__(self, lambd: _float = ...) -> None: ...

class HSigmoid(Cell):
    def __init__(self) -> None: ...

class HSwish(Cell):
    def __init__(self) -> None: ...

class Hardtanh(Cell):
    def __init__(self, min_val: _float = ..., max_val: _float = ...) -> None: ...

def HausdorffDistance(
    distance_metric: Literal["euclidean", "chessboard", "taxicab"] = ...,
    percentile: _float | None = ...,
    directed: _bool = ...,
    crop: _bool = ...,
    label_idx: _int = ...,
) -> _Metric: ...
def HingeEmbeddingLoss(
    margin: _float = ..., reduction: Literal["none", "mean", "sum"] = ...
) -> _Loss: ...
def HuberLoss(reduction: Literal["none", "mean", "sum"] = ..., delta: _float = ...) -> _Loss: ...

class Identity(Cell):
    def __init__(self) -> None: ...

class ImageGradients(Cell):
    def __init__(self) -> None: ...

class InstanceNorm1d(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
    ) -> None: ...

class InstanceNorm2d(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
    ) -> None: ...

class InstanceNorm3d(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
    ) -> None: ...

def InverseDecayLR(
    learning_rate: _float, decay_rate: _float, decay_steps: Any, is_stair: _bool = ...
) -> _Term: ...
def KLDivLoss(reduction: Literal["none", "mean", "sum", "batchmean"] = ...) -> _Loss: ...
def L1Loss(reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...
def LARS(
    optimizer: Optimizer,
    epsilon: _float = ...,
    coefficient: _float = ...,
    use_clip: _bool = ...,
    lars_filter: Sequence[_str] = ...,
) -> Optimizer: ...

class LBeta(Cell):
    def __init__(self) -> None: ...

class LGamma(Cell):
    def __init__(self) -> None: ...

class LPPool1d(Cell):
    def __init__(
        self,
        norm_type: _float,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = ...,
        ceil_mode: _bool = ...,
    ) -> None: ...

class LPPool2d(Cell):
    def __init__(
        self,
        norm_type: _float,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = ...,
        ceil_mode: _bool = ...,
    ) -> None: ...

class LRN(Cell):
    def __init__(
        self,
        depth_radius: _int = ...,
        bias: _float = ...,
        alpha: _float = ...,
        beta: _float = ...,
        norm_region: Literal["ACROSS_CHANNELS"] = ...,
    ) -> None: ...

class LSTM(Cell):
    def __init__(
        self,
        input_size: _int,
        hidden_size: _int,
        num_layers: _int = ...,
        has_bias: _bool = ...,
        batch_first: _bool = ...,
        dropout: _float = ...,
        bidirectional: _bool = ...,
    ) -> None: ...

class LSTMCell(Cell):
    def __init__(self, input_size: _int, hidden_size: _int, has_bias: _bool = ...) -> None: ...

def Lamb(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor,
    beta1: _float = ...,
    beta2: _float = ...,
    eps: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...

class LayerNorm(Cell):
    def __init__(
        self,
        normalized_shape: Sequence[_int],
        begin_norm_axis: _int = ...,
        begin_params_axis: _int = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
        epsilon: _float = ...,
    ) -> None: ...

def LazyAdam(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    beta1: _float = ...,
    beta2: _float = ...,
    eps: _float = ...,
    use_locking: _bool = ...,
    use_nesterov: _bool = ...,
    weight_decay: _float | _Term | Tensor = ...,
    loss_scale: _float = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...

class LeakyReLU(Cell):
    def __init__(self, alpha: _float = ...) -> None: ...

class LogSigmoid(Cell):
    def __init__(self) -> None: ...

class LogSoftmax(Cell):
    def __init__(self, axis: _int = ...) -> None: ...

def Loss() -> _Metric: ...
def MAE() -> _Metric: ...
def MAELoss(reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...
def MSE() -> _Metric: ...
def MSELoss(reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...
def MarginRankingLoss(
    margin: _float = ..., reduction: Literal["none", "mean", "sum"] = ...
) -> _Loss: ...

class MaxPool1d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int] = ...,
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        return_indices: _bool = ...,
        ceil_mode: _bool = ...,
    ) -> None: ...

class MaxPool2d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int] = ...,
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        return_indices: _bool = ...,
        ceil_mode: _bool = ...,
    ) -> None: ...

class MaxPool3d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int] = ...,
        stride: _int | Sequence[_int] = ...,
        pad_mode: Literal["same", "valid", "pad"] = ...,
        padding: _int | Sequence[_int] = ...,
        dilation: _int | Sequence[_int] = ...,
        return_indices: _bool = ...,
        ceil_mode: _bool = ...,
    ) -> None: ...

class MaxUnpool1d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = ...,
        padding: _int | Sequence[_int] = ...,
    ) -> None: ...

class MaxUnpool2d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = ...,
        padding: _int | Sequence[_int] = ...,
    ) -> None: ...

class MaxUnpool3d(Cell):
    def __init__(
        self,
        kernel_size: _int | Sequence[_int],
        stride: _int | Sequence[_int] | None = ...,
        padding: _int | Sequence[_int] = ...,
    ) -> None: ...

def MeanSurfaceDistance(
    symmetric: _bool = ...,
    distance_metric: Literal["euclidean", "chessboard", "taxicab"] = ...,
    label_idx: _int = ...,
) -> _Metric: ...

class Mish(Cell):
    def __init__(self) -> None: ...

def Momentum(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor,
    momentum: _float,
    weight_decay: _float | _Term | Tensor = ...,
    loss_scale: _float = ...,
    use_nesterov: _bool = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def MultiClassDiceLoss(
    weights: Sequence[_float] | None = ...,
    ignore_indiex: _int | None = ...,
    activation: Literal["softmax", "logsoftmax", "relu", "relu6", "tanh", "sigmoid"] | None = ...,
) -> _Loss: ...

class MultiFieldEmbeddingLookup(Cell):
    def __init__(
        self,
        vocab_size: _int,
        embedding_size: _int,
        field_size: _int,
        param_init: _Initial = ...,
        max_norm: _float | None = ...,
        operator: Literal["SUM", "MEAN", "MAX"] = ...,
    ) -> None: ...

def MultiLabelSoftMarginLoss(
    weight: Any = ..., reduction: Literal["none", "mean", "sum"] = ...
) -> _Loss: ...
def MultiMarginLoss(
    p: _int = ...,
    margin: _float = ...,
    reduction: Literal["none", "mean", "sum"] = ...,
    weight: Sequence[_float] | None = ...,
) -> _Loss: ...

class MultiheadAttention(Cell):
    def __init__(
        self,
        embed_dim: _int,
        num_heads: _int,
        dropout: _float = ...,
        has_bias: _bool = ...,
        add_bias_kv: _bool = ...,
        add_zero_attn: _bool = ...,
        kdim: _int | None = ...,
        vdim: _int | None = ...,
        batch_first: _bool = ...,
    ) -> None: ...

def MultilabelMarginLoss(reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...
def NLLLoss(
    weight: Sequence[_float] | None = ...,
    ignore_index: _int = ...,
    reduction: Literal["none", "mean", "sum"] = ...,
) -> _Loss: ...
def NaturalExpDecayLR(
    learning_rate: _float, decay_rate: _float, decay_steps: Any, is_stair: _bool = ...
) -> _Term: ...
def On(*given: Any, **named: Any) -> _Objective | _Metric: ...

class PReLU(Cell):
    def __init__(self, channel: _int = ..., w: _Initial = ...) -> None: ...

class PSNR(Cell):
    def __init__(self, max_val: _float = ...) -> None: ...

class Pad(Cell):
    def __init__(
        self,
        paddings: Sequence[Sequence[_int]],
        mode: Literal["CONSTANT", "REFLECT", "SYMMETRIC"] = ...,
    ) -> None: ...

def Perplexity(ignore_label: _int | None = ...) -> _Metric: ...

class PixelShuffle(Cell):
    def __init__(self, upscale_factor: _int) -> None: ...

class PixelUnshuffle(Cell):
    def __init__(self, downscale_factor: _int) -> None: ...

def PoissonNLLLoss(
    log_input: _bool = ...,
    full: _bool = ...,
    eps: _float = ...,
    reduction: Literal["none", "mean", "sum"] = ...,
) -> _Loss: ...
def PolynomialDecayLR(
    learning_rate: _float,
    end_learning_rate: _float,
    decay_steps: Any,
    power: _float,
    update_decay_steps: _bool = ...,
) -> _Term: ...
def Precision(
    eval_type: Literal["classification", "multilabel"] = ..., average: _bool = ...
) -> _Metric: ...
def ProximalAdagrad(
    params: Iterable[Any],
    accum: _float = ...,
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    l1: _float = ...,
    l2: _float = ...,
    use_locking: _bool = ...,
    loss_scale: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def RMSELoss() -> _Loss: ...
def RMSProp(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    decay: _float = ...,
    momentum: _float = ...,
    epsilon: _float = ...,
    use_locking: _bool = ...,
    centered: _bool = ...,
    loss_scale: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...

class RNN(Cell):
    def __init__(
        self,
        input_size: _int,
        hidden_size: _int,
        num_layers: _int = ...,
        nonlinearity: Literal["tanh", "relu"] = ...,
        has_bias: _bool = ...,
        batch_first: _bool = ...,
        dropout: _float = ...,
        bidirectional: _bool = ...,
    ) -> None: ...

class RNNCell(Cell):
    def __init__(
        self,
        input_size: _int,
        hidden_size: _int,
        has_bias: _bool = ...,
        nonlinearity: Literal["tanh", "relu"] = ...,
    ) -> None: ...

def ROC(class_num: _int | None = ..., pos_label: _int | None = ...) -> _Metric: ...

class RReLU(Cell):
    def __init__(self, lower: _float = ..., upper: _float = ...) -> None: ...

class ReLU(Cell):
    def __init__(self) -> None: ...

class ReLU6(Cell):
    def __init__(self) -> None: ...

def Recall(
    eval_type: Literal["classification", "multilabel"] = ..., average: _bool = ...
) -> _Metric: ...

class ReflectionPad1d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ReflectionPad2d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ReflectionPad3d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ReplicationPad1d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ReplicationPad2d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ReplicationPad3d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

def RootMeanSquareDistance(
    symmetric: _bool = ...,
    distance_metric: Literal["euclidean", "chessboard", "taxicab"] = ...,
    label_idx: _int = ...,
) -> _Metric: ...
def Rprop(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    etas: Sequence[_float] = ...,
    step_sizes: Sequence[_float] = ...,
    weight_decay: _float | _Term | Tensor = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...
def SGD(
    params: Iterable[Any],
    learning_rate: _float | Sequence[_float] | _Term | Tensor = ...,
    momentum: _float = ...,
    dampening: _float = ...,
    weight_decay: _float | _Term | Tensor = ...,
    nesterov: _bool = ...,
    loss_scale: _float = ...,
    groups: Sequence[_Term | Tensor] = ...,
    order_params: _bool = ...,
) -> Optimizer: ...

class SeLU(Cell):
    def __init__(self) -> None: ...

def SequentialLR(schedules: Sequence[_Term | Tensor | _float], milestones: Any) -> _Term: ...

class SiLU(Cell):
    def __init__(self) -> None: ...

class Sigmoid(Cell):
    def __init__(self) -> None: ...

def SmoothL1Loss(beta: _float = ..., reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...
def SoftMarginLoss(reduction: Literal["none", "mean", "sum"] = ...) -> _Loss: ...

class SoftShrink(Cell):
    def __init__(self, lambd: _float = ...) -> None: ...

class Softmax(Cell):
    def __init__(self, axis: _int = ...) -> None: ...

class Softmax2d(Cell):
    def __init__(self) -> None: ...

def SoftmaxCrossEntropyWithLogits(
    sparse: _bool = ..., reduction: Literal["none", "mean", "sum"] = ...
) -> _Loss: ...

class Softmin(Cell):
    def __init__(self, axis: _int = ...) -> None: ...

class Softsign(Cell):
    def __init__(self) -> None: ...

class SyncBatchNorm(Cell):
    def __init__(
        self,
        num_features: _int,
        eps: _float = ...,
        momentum: _float = ...,
        affine: _bool = ...,
        gamma_init: _Initial = ...,
        beta_init: _Initial = ...,
        moving_mean_init: _Initial = ...,
        moving_var_init: _Initial = ...,
        use_batch_statistics: _bool | None = ...,
    ) -> None: ...

class Tanh(Cell):
    def __init__(self) -> None: ...

class Tanhshrink(Cell):
    def __init__(self) -> None: ...

class Threshold(Cell):
    def __init__(self, threshold: _float, value: _float) -> None: ...

class TimeDistributed(Cell):
    def __init__(
        self, layer: Any, time_axis: _int, reshape_with_axis: _int | None = ...
    ) -> None: ...

def Top1CategoricalAccuracy() -> _Metric: ...
def Top5CategoricalAccuracy() -> _Metric: ...
def TopKCategoricalAccuracy(k: _int) -> _Metric: ...

class Transformer(Cell):
    def __init__(
        self,
        d_model: _int = ...,
        nhead: _int = ...,
        num_encoder_layers: _int = ...,
        num_decoder_layers: _int = ...,
        dim_feedforward: _int = ...,
        dropout: _float = ...,
        activation: Literal["relu", "gelu"] = ...,
        custom_encoder: Any = ...,
        custom_decoder: Any = ...,
        layer_norm_eps: _float = ...,
        batch_first: _bool = ...,
        norm_first: _bool = ...,
    ) -> None: ...

class TransformerDecoder(Cell):
    def __init__(self, decoder_layer: Any, num_layers: _int, norm: Any = ...) -> None: ...

class TransformerDecoderLayer(Cell):
    def __init__(
        self,
        d_model: _int,
        nhead: _int,
        dim_feedforward: _int = ...,
        dropout: _float = ...,
        activation: Literal["relu", "gelu"] = ...,
        layer_norm_eps: _float = ...,
        batch_first: _bool = ...,
        norm_first: _bool = ...,
    ) -> None: ...

class TransformerEncoder(Cell):
    def __init__(self, encoder_layer: Any, num_layers: _int, norm: Any = ...) -> None: ...

class TransformerEncoderLayer(Cell):
    def __init__(
        self,
        d_model: _int,
        nhead: _int,
        dim_feedforward: _int = ...,
        dropout: _float = ...,
        activation: Literal["relu", "gelu"] = ...,
        layer_norm_eps: _float = ...,
        batch_first: _bool = ...,
        norm_first: _bool = ...,
    ) -> None: ...

def TripletMarginLoss(
    p: _int = ...,
    swap: _bool = ...,
    eps: _float = ...,
    reduction: Literal["none", "mean", "sum"] = ...,
    margin: _float = ...,
) -> _Loss: ...
def TripletMarginWithDistanceLoss(
    swap: _bool = ..., reduction: Literal["none", "mean", "sum"] = ..., margin: _float = ...
) -> _Loss: ...

class Unflatten(Cell):
    def __init__(self, axis: _int, unflattened_size: Any) -> None: ...

class Upsample(Cell):
    def __init__(
        self,
        size: _int | Sequence[_int] | None = ...,
        scale_factor: _float | Sequence[_float] | None = ...,
        mode: Literal[
            "nearest", "linear", "bilinear", "trilinear", "bicubic", "area", "nearest-exact"
        ] = ...,
        align_corners: _bool | None = ...,
        recompute_scale_factor: _bool | None = ...,
    ) -> None: ...

def WarmUpLR(learning_rate: _float, warmup_steps: Any) -> _Term: ...

class ZeroPad1d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ZeroPad2d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

class ZeroPad3d(Cell):
    def __init__(self, padding: _int | Sequence[_int]) -> None: ...

def cosine_decay_lr(
    min_lr: _float, max_lr: _float, total_step: _int, step_per_epoch: _int, decay_epoch: _int
) -> list[_float]: ...
def exponential_decay_lr(
    learning_rate: _float,
    decay_rate: _float,
    total_step: _int,
    step_per_epoch: _int,
    decay_epoch: _int,
    is_stair: _bool = ...,
) -> list[_float]: ...
def inverse_decay_lr(
    learning_rate: _float,
    decay_rate: _float,
    total_step: _int,
    step_per_epoch: _int,
    decay_epoch: _int,
    is_stair: _bool = ...,
) -> list[_float]: ...
def natural_exp_decay_lr(
    learning_rate: _float,
    decay_rate: _float,
    total_step: _int,
    step_per_epoch: _int,
    decay_epoch: _int,
    is_stair: _bool = ...,
) -> list[_float]: ...
def piecewise_constant_lr(
    milestone: Sequence[_int], learning_rates: Sequence[_float]
) -> list[_float]: ...
def polynomial_decay_lr(
    learning_rate: _float,
    end_learning_rate: _float,
    total_step: _int,
    step_per_epoch: _int,
    decay_epoch: _int,
    power: _float,
    update_decay_epoch: _bool = ...,
) -> list[_float]: ...
def warmup_lr(
    learning_rate: _float, total_step: _int, step_per_epoch: _int, warmup_epoch: _int
) -> list[_float]: ...
