"""The protobuf messages of MindSpore's strategy files, from their field numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

_PACKAGE = "declspore.strategy"
_REPEATED, _OPTIONAL = 3, 1
_NUMBERS = {"int32": 5, "int64": 3, "uint32": 13, "string": 9}
_MESSAGE = 11
_FIELDS: dict[str, tuple[tuple[str, int, int, str], ...]] = {
    "Sizes": (("dim", 1, _REPEATED, "uint32"),),
    "Axes": (("dim", 1, _REPEATED, "int32"),),
    "Places": (("dim", 1, _REPEATED, "int64"),),
    "Strategies": (("stage", 1, _OPTIONAL, "uint32"), ("cuts", 2, _REPEATED, "Sizes")),
    "StrategyItem": (("node", 1, _OPTIONAL, "string"), ("strategies", 2, _OPTIONAL, "Strategies")),
    "Layouts": (
        ("mesh", 1, _REPEATED, "Sizes"),
        ("tensor_map", 2, _REPEATED, "Axes"),
        ("split_shape", 3, _REPEATED, "Places"),
        ("offsets", 4, _REPEATED, "Places"),
        ("field", 5, _OPTIONAL, "int32"),
        ("shard_step", 6, _OPTIONAL, "int32"),
        ("shard_size", 7, _OPTIONAL, "int32"),
    ),
    "LayoutItem": (("name", 1, _OPTIONAL, "string"), ("layouts", 2, _OPTIONAL, "Layouts")),
    "StrategyMap": (
        ("current_stage", 1, _OPTIONAL, "uint32"),
        ("strategies", 2, _REPEATED, "StrategyItem"),
        ("layouts", 3, _REPEATED, "LayoutItem"),
    ),
}


@cache
def strategy_map() -> Any:
    """The class of the outermost message, ``ParallelStrategyMap`` of MindSpore."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="declspore_strategy.proto", package=_PACKAGE)
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, label, type in fields:
            added = message.field.add(name=field, number=number, label=label)
            added.type = _NUMBERS.get(type, _MESSAGE)
            if added.type == _MESSAGE:
                added.type_name = f".{_PACKAGE}.{type}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.StrategyMap"))
