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
    "mindspore.communication",
    "mindspore.context",
    "mindspore.dataset",
    "mindspore.dataset.text",
    "mindspore.dataset.transforms",
    "mindspore.dataset.vision",
    "mindspore.experimental.optim",
    "mindspore.experimental.optim.lr_scheduler",
    "mindspore.log",
    "mindspore.mint",
    "mindspore.mint.nn",
    "mindspore.mint.nn.functional",
    "mindspore.mint.optim",
    "mindspore.nn",
    "mindspore.numpy",
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


def others_of(module, public):
    """What else MindSpore's code has there: classes and functions of its own, and its modules."""
    found = importlib.import_module(module)
    homes = ((name, getattr(found, name)) for name in dir(found) if _public(name))
    own = (
        name
        for name, value in homes
        if str(getattr(value, "__module__", getattr(value, "__name__", ""))).startswith("mindspore")
    )
    return sorted(set(own) - set(public))


def members_of(path):
    module, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    return sorted(filter(_public, dir(found)))


table = {module: names_of(module) for module in MODULES}
table |= {path: members_of(path) for path in CLASSES}
others = {module: others_of(module, table[module]) for module in MODULES}
table["mindspore.Parameter"] = sorted(
    set(table["mindspore.Parameter"]) - set(table["mindspore.Tensor"])
)
with open(sys.argv[1], "w") as file:
    found = {"version": mindspore.__version__, "names": table, "others": others}
    json.dump(found, file, indent=0, sort_keys=True)
    file.write("\n")
print({key: len(value) for key, value in table.items()})
