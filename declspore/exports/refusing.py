"""What can be known of an export before anything is read: refusals, packages, precisions."""

from __future__ import annotations

import os

from declspore.exports import errors
from declspore.exports.format import ExportFormat
from declspore.exports.preparing import Preparation
from declspore.ir.network import Network
from declspore.plan.packages import check_packages
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import listing


def check_export(
    format_: ExportFormat,
    network: Network,
    span: Span | None,
    sink: Sink,
    *,
    data_format: str = "channels_first",
    precision: str = "float32",
    has_samples: bool = False,
    preparation: Preparation | None = None,
) -> bool:
    """Whether a network can be written in a format, as far as that is known; what speaks against it
    is reported. ``span`` is where the path is written."""
    before = len(sink.errors)
    if format_.extra is not None:
        check_packages(format_.modules, format_.extra, format_.title, span, sink)
    reasons = [(each.node, each.reason) for each in format_.refusals(network)]
    backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if format_.of_tensorflow and backend != "tensorflow":
        reasons.append((None, f"it needs TensorFlow, KERAS_BACKEND is {backend}"))
    if precision not in format_.precisions:
        reasons.append((None, f"it holds {' and '.join(format_.precisions)}, not {precision}"))
    elif precision == "int8" and not has_samples:
        reasons.append((None, "int8 needs samples to measure ranges with: an `export` of a spec"))
    if preparation is not None and not format_.of_tensorflow:
        reasons.append((None, "steps of a dataset run inside a SavedModel or LiteRT file alone"))
    elif preparation is not None and format_.on_devices and (words := preparation.off_devices()):
        reasons.append((None, f"{listing(words)} inside the file: LiteRT does not have that"))
    if data_format not in format_.data_formats:
        reasons.append((None, f"its images enter and leave {' or '.join(format_.data_formats)}"))
    if reasons:
        sink.report(errors.refused(network, format_.title, span, reasons))
    return len(sink.errors) == before


def in_use(path: str) -> str | None:
    """Why a folder cannot be replaced, if it cannot: it holds something else than a SavedModel."""
    if not os.path.lexists(path):
        return None
    if not os.path.isdir(path):
        return "it is a file"
    if os.listdir(path) and not os.path.isfile(os.path.join(path, "saved_model.pb")):
        return "it is a folder that does not hold a SavedModel"
    return None
