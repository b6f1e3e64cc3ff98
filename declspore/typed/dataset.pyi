"""Sources of ``declspore.dataset`` for type checkers.

Generated: ``python -m tests.python.write_stubs``.
"""

from builtins import bool as _bool
from builtins import float as _float
from builtins import int as _int
from builtins import str as _str
from collections.abc import Sequence
from typing import Any, Literal

from numpy.typing import NDArray

from declspore.dataset.pipeline import Dataset
from declspore.ir.term import Term as _Term
from declspore.tensor import Tensor

_Tensor = Tensor | _float | NDArray[Any]
_Initial = Tensor | _Term | _str | _float

def ArrowDataset(
    dataset_files: Sequence[_str] | _str,
    data: Sequence[_Term | Tensor],
    labels: Sequence[_Term | Tensor] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def Cifar10Dataset(
    dataset_dir: _str,
    usage: Literal["train", "test", "all"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def Cifar100Dataset(
    dataset_dir: _str,
    usage: Literal["train", "test", "all"] = ...,
    labels: Literal["fine", "coarse", "both"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def ConcatDataset(
    datasets: Any,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def CsvDataset(
    dataset_files: Sequence[_str] | _str,
    data: Sequence[_Term | Tensor],
    labels: Sequence[_Term | Tensor] = ...,
    field_delim: _str = ...,
    column_names: Sequence[_str] | None = ...,
    quoted: _bool = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def DigitsDataset(
    usage: Literal["train", "test", "all"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def EMnistDataset(
    dataset_dir: _str,
    name: Literal["byclass", "bymerge", "balanced", "letters", "digits", "mnist"],
    usage: Literal["train", "test", "all"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def FashionMnistDataset(
    dataset_dir: _str,
    usage: Literal["train", "test", "all"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def ImageFolderDataset(
    dataset_dir: _str,
    decode: _bool = ...,
    class_indexing: Sequence[_str] | None = ...,
    extensions: Sequence[_str] | None = ...,
    damaged: Literal["error", "skip"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def KMnistDataset(
    dataset_dir: _str,
    usage: Literal["train", "test", "all"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def MindRecordDataset(
    dataset_files: Sequence[_str] | _str,
    data: Sequence[_Term | Tensor],
    labels: Sequence[_Term | Tensor] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def MnistDataset(
    dataset_dir: _str,
    usage: Literal["train", "test", "all"] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def ParquetDataset(
    dataset_files: Sequence[_str] | _str,
    data: Sequence[_Term | Tensor],
    labels: Sequence[_Term | Tensor] = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def PicturesDataset(
    paths: _str | Sequence[_str],
    decode: _bool = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def QMnistDataset(
    dataset_dir: _str,
    usage: Literal["train", "test", "test10k", "test50k", "nist", "all"] = ...,
    compat: _bool = ...,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def TextFileDataset(
    dataset_files: Sequence[_str] | _str,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
def ZipDataset(
    datasets: Any,
    *,
    num_samples: _int | None = ...,
    shuffle: _bool | None = ...,
    sampler: Any = ...,
    num_shards: _int | None = ...,
    shard_id: _int | None = ...,
    **settings: Any,
) -> Dataset: ...
