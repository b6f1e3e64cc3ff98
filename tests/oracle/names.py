"""Writes declspore/porting/names.json: the public names of MindSpore's modules, and the methods of
its classes, that scripts for training and checkpoints use. Run it with MindSpore's Python."""

import importlib
import json
import sys

import mindspore

MODULES = (
    "mindspore",
    "mindspore.amp",
    "mindspore.common",
    "mindspore.common.dtype",
    "mindspore.common.initializer",
    "mindspore.context",
    "mindspore.dataset",
    "mindspore.dataset.text",
    "mindspore.dataset.transforms",
    "mindspore.dataset.vision",
    "mindspore.nn",
    "mindspore.ops",
    "mindspore.train",
    "mindspore.train.callback",
    "mindspore.train.serialization",
)
CLASSES = ("mindspore.Tensor", "mindspore.Parameter", "mindspore.nn.Cell", "mindspore.Model")
OWN = ("serialization", "context")
"""Modules without a complete ``__all__``: what they define themselves counts."""


def _public(name):
    return name.isidentifier() and not name.startswith("_")


def names_of(module):
    found = importlib.import_module(module)
    listed = getattr(found, "__all__", None) or dir(found)
    if module.rpartition(".")[2] in OWN:
        own = (n for n in dir(found) if getattr(getattr(found, n), "__module__", "") == module)
        listed = {*getattr(found, "__all__", ()), *own}
    if module == "mindspore":  # its __all__ leaves out functions that its guides use
        listed = {*listed, *(name for name in dir(found) if callable(getattr(found, name)))}
    return sorted({name for name in listed if _public(name)})


def members_of(path):
    module, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    return sorted(filter(_public, dir(found)))


table = {module: names_of(module) for module in MODULES}
table |= {path: members_of(path) for path in CLASSES}
table["mindspore.Parameter"] = sorted(
    set(table["mindspore.Parameter"]) - set(table["mindspore.Tensor"])
)
with open(sys.argv[1], "w") as file:
    json.dump({"version": mindspore.__version__, "names": table}, file, indent=0, sort_keys=True)
    file.write("\n")
print({key: len(value) for key, value in table.items()})
