"""Which of TensorFlow's kernels a run uses, decided from its plan before TensorFlow is imported.

By itself TensorFlow takes oneDNN's kernels only on processors with instructions for networks. They
are faster on others too (docs/performance.md), so they are asked for. They compute the gradient of
a strided convolution of one element out of bounds (TensorFlow 2.21), which the compiler therefore
never makes (:func:`declspore.numerics.convolution.thinned`), for Python as for the command line.
"""

from __future__ import annotations

import os
import sys

from declspore.plan.planner import Plan

_SETTING = "TF_ENABLE_ONEDNN_OPTS"


def choose_kernels(plan: Plan) -> None:
    """Ask for the faster kernels where the plan runs a network; the environment's choice is kept.

    Where TensorFlow is already imported nothing is asked for: it would have no effect, and
    processes started later would compute with other kernels than this one.
    """
    if "tensorflow" not in sys.modules and any(task.networks() for task in plan.tasks):
        os.environ.setdefault(_SETTING, "1")
