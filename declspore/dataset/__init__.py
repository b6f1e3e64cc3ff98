"""``mindspore.dataset`` for scripts: datasets as calls, over the vocabulary's sources and
transforms::

    data = ds.MnistDataset("MNIST_Data/train").map(vision.Rescale(1 / 255, 0.0), "image").batch(32)

Every source of the vocabulary is here as MindSpore calls it (``MnistDataset``), besides arrays and
Python. Rows come in random order unless ``shuffle=False``, as in MindSpore; orders differ from
MindSpore's, and are the same for the same seed.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from declspore.dataset import config as config
from declspore.dataset.files import Shuffle as Shuffle
from declspore.dataset.pipeline import Dataset as Dataset
from declspore.dataset.pipeline import zipped
from declspore.dataset.records import MindDataset as MindDataset
from declspore.dataset.records import TFRecordDataset as TFRecordDataset
from declspore.dataset.samplers import DistributedSampler as DistributedSampler
from declspore.dataset.samplers import RandomSampler as RandomSampler
from declspore.dataset.samplers import Sampler as Sampler
from declspore.dataset.samplers import SequentialSampler as SequentialSampler
from declspore.dataset.samplers import SubsetRandomSampler as SubsetRandomSampler
from declspore.dataset.samplers import SubsetSampler as SubsetSampler
from declspore.dataset.samplers import WeightedRandomSampler as WeightedRandomSampler
from declspore.dataset.schema import Schema as Schema
from declspore.dataset.sources import GeneratorDataset as GeneratorDataset
from declspore.dataset.sources import NumpySlicesDataset as NumpySlicesDataset
from declspore.dataset.sources import source_maker
from declspore.dataset.tables import CSVDataset as CSVDataset
from declspore.porting.names import refused
from declspore.registry.data import SourceKind
from declspore.registry.table import vocabulary

_SUBMODULES = ("vision", "transforms", "text", "config")
_SUFFIX = "Dataset"


def zip(datasets: Sequence[Dataset]) -> Dataset:
    """The columns of several datasets side by side. Raises ValueError."""
    return zipped(datasets)


def compare(dataset1: Dataset, dataset2: Dataset) -> bool:
    """Whether two datasets are one."""
    return dataset1 is dataset2


def _source(name: str) -> SourceKind | None:
    for word in (name, name.removesuffix(_SUFFIX)):
        kind = vocabulary().get(word)
        if isinstance(kind, SourceKind) and name.endswith(_SUFFIX):
            return kind
    return None


def _found(name: str) -> object:
    if name in _SUBMODULES:
        return importlib.import_module(f"declspore.dataset.{name}")
    kind = _source(name)
    if kind is None:
        raise refused("mindspore.dataset", name, __dir__())
    made = source_maker(kind)
    globals()[name] = made
    return made


if TYPE_CHECKING:
    from declspore.typed.dataset import *
else:
    __getattr__ = _found


def __dir__() -> list[str]:
    own = {name for name in globals() if name[0].isupper()} - {"SourceKind", "Sequence"}
    sources = {kind.name for kind in vocabulary().every(SourceKind)} - {"NumpySlices"}
    words = (w if w.endswith(_SUFFIX) else w + _SUFFIX for w in sources)
    return sorted({*own, *words, *_SUBMODULES, "zip", "compare"})
