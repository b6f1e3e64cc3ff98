"""Which of TensorFlow's kernels a run uses, decided from its plan before TensorFlow is imported.

By itself TensorFlow takes oneDNN's kernels only on processors with instructions for networks. They
are faster on others too (docs/performance.md), but TensorFlow 2.21 writes outside its memory in the
gradient of a strided convolution of one element over a number of channels that is not a multiple of
8 (3 to 48 channels, stride 2: the process dies). So they are asked for where no network of the plan
has a kernel of one element over such channels, whatever its stride.
"""

from __future__ import annotations

import os
import sys

from declspore.ir.network import Network
from declspore.plan.planner import Plan

_SETTING = "TF_ENABLE_ONEDNN_OPTS"
_BLOCK = 8


def choose_kernels(plan: Plan) -> None:
    """Ask for the faster kernels where they are safe; what the user's environment says stays.

    Where TensorFlow is imported already nothing is asked for: it would not hear it, and processes
    begun later would compute otherwise than this one.
    """
    if "tensorflow" in sys.modules:
        return
    networks = [network for task in plan.tasks for network in task.networks()]
    if networks and all(map(_is_safe, networks)):
        os.environ.setdefault(_SETTING, "1")


def _is_safe(network: Network) -> bool:
    shapes = [parameter.shape for parameter in network.parameters]
    return not any(_is_of_one_element(shape) and shape[1] % _BLOCK for shape in shapes)


def _is_of_one_element(shape: tuple[int, ...]) -> bool:
    """Whether a parameter may be the kernel of a convolution that sees one element at a time."""
    return len(shape) > 2 and all(size == 1 for size in shape[2:])
