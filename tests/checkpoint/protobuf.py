"""The checkpoint schema for the protobuf library: a second decoder and encoder."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FILE = descriptor_pb2.FileDescriptorProto(name="checkpoint.proto", package="oracle")
_LABELS = {"optional": 1, "repeated": 3}
_TYPES = {"int64": 3, "string": 9, "bytes": 12}
_MESSAGES = {
    "Checkpoint": [("value", 1, "repeated", "Value")],
    "Value": [
        ("tag", 1, "optional", "string"),
        ("tensor", 2, "optional", "TensorProto"),
        ("maptensor", 3, "optional", "MapTensorProto"),
    ],
    "MapTensorProto": [("tensor", 1, "repeated", "TensorProto")],
    "TensorProto": [
        ("dims", 1, "repeated", "int64"),
        ("tensor_type", 2, "optional", "string"),
        ("tensor_content", 3, "optional", "bytes"),
    ],
}
for _name, _fields in _MESSAGES.items():
    _message = _FILE.message_type.add(name=_name)
    for _field, _number, _label, _type in _fields:
        _added = _message.field.add(name=_field, number=_number, label=_LABELS[_label])
        if _type in _TYPES:
            _added.type = _TYPES[_type]
        else:
            _added.type, _added.type_name = 11, f".oracle.{_type}"

_pool = descriptor_pool.DescriptorPool()
_pool.Add(_FILE)
Checkpoint = message_factory.GetMessageClass(_pool.FindMessageTypeByName("oracle.Checkpoint"))


def encode(entries):
    """Bytes of (name, dims, type, content) entries."""
    checkpoint = Checkpoint()
    for name, dims, type_, content in entries:
        value = checkpoint.value.add(tag=name)
        value.tensor.dims.extend(dims)
        value.tensor.tensor_type = type_
        value.tensor.tensor_content = content
    return checkpoint.SerializeToString()


def encode_map(name, *slices):
    """Bytes of a map parameter: in each slice the arrays of keys, values and status."""
    checkpoint = Checkpoint()
    for columns in slices:
        value = checkpoint.value.add(tag=name)
        for column in columns:
            value.maptensor.tensor.add(
                dims=column.shape,
                tensor_type=str(column.dtype),
                tensor_content=column.tobytes(),
            )
    return checkpoint.SerializeToString()


def decode(data):
    """(name, dims, type, content) of every record."""
    checkpoint = Checkpoint()
    checkpoint.ParseFromString(data)
    return [
        (v.tag, tuple(v.tensor.dims), v.tensor.tensor_type, v.tensor.tensor_content)
        for v in checkpoint.value
    ]


def head(name, dims, type_, nbytes):
    """The bytes of a record before a content of ``nbytes``."""
    whole = encode([(name, dims, type_, bytes(nbytes))])
    return whole[: len(whole) - nbytes]
