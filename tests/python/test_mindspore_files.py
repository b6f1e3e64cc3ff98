"""Files both ways with MindSpore itself: every protection and format that either side writes."""

import json
import os

import numpy as np
import pytest

from declspore.checkpoint import mindspore as codec
from declspore.checkpoint.cipher import MODES, Key
from declspore.checkpoint.format import Computed, Copied
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.dtype import INT4
from declspore.ir.header import HeaderEntry
from declspore.serialization import LoadWarning, load_checkpoint, save_checkpoint
from declspore.tensor import Tensor
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened, piece, written

pytestmark = pytest.mark.mindspore

KEY = b"0123456789abcdef"
PRELUDE = """
import json, os, sys
import numpy as np
import mindspore as ms
from mindspore import Tensor
os.chdir(sys.argv[1])
KEY = b"0123456789abcdef"

def show(found):
    return {name: [str(value.dtype), list(value.shape),
                   value.astype(ms.float64).asnumpy().reshape(-1).tolist()]
            for name, value in found.items()}
"""
VALUES = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "名前.重み": np.linspace(-1, 1, 7),
    "step": np.array([3], np.int32),
    "scalar": np.array(0.5, np.float32),
    "flags": np.array([True, False]),
    "half": np.arange(5, dtype=np.float16),
}
EXPECTED = {
    name: [
        str(value.dtype).replace("bool", "Bool").replace("float", "Float").replace("int", "Int"),
        list(value.shape),
        value.astype(np.float64).reshape(-1).tolist(),
    ]
    for name, value in VALUES.items()
}


def _ordered(found: dict) -> list:
    return sorted(found.items())


def test_mindspore_reads_what_we_write(mindspore, here):
    written(here / "plain.ckpt", VALUES)
    written(here / "crc.ckpt", VALUES, access=Access(crc=True))
    for mode in MODES:
        written(here / f"{mode}.ckpt", VALUES, access=Access(Key(KEY, "x"), mode))
        both = Access(Key(KEY, "x"), mode, crc=True)
        written(here / f"{mode}+crc.ckpt", VALUES, access=both)
    written(here / "st.safetensors", VALUES, format=SAFETENSORS)
    written(here / "st+crc.safetensors", VALUES, format=SAFETENSORS, access=Access(crc=True))
    said = mindspore(
        PRELUDE
        + """
found = {"plain": ms.load_checkpoint("plain.ckpt"),
         "crc": ms.load_checkpoint("crc.ckpt", crc_check=True),
         "st": ms.load_checkpoint("st.safetensors", format="safetensors"),
         "st+crc": ms.load_checkpoint("st+crc.safetensors", format="safetensors", crc_check=True)}
for mode in ("AES-GCM", "AES-CBC", "SM4-CBC"):
    found[mode] = ms.load_checkpoint(f"{mode}.ckpt", dec_key=KEY, dec_mode=mode)
    found[f"{mode}+crc"] = ms.load_checkpoint(
        f"{mode}+crc.ckpt", dec_key=KEY, dec_mode=mode, crc_check=True)
print(json.dumps({name: show(one) for name, one in found.items()}))
""",
        here,
    )
    found = json.loads(said)
    assert len(found) == 10
    for name, one in found.items():
        assert _ordered(one) == _ordered(EXPECTED), name


def _canonical(path) -> bytes:
    """The bytes of a file; the safetensors library writes metadata in random order, so in order."""
    data = path.read_bytes()
    if path.suffix != ".safetensors":
        return data
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    return data[:8] + json.dumps(header).encode() + data[end:]


def test_we_read_what_mindspore_writes(mindspore, here):
    """Plain files and those with a CRC are ours byte for byte; safetensors too."""
    mindspore(
        PRELUDE
        + """
values = {"conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
          "step": np.array([3], np.int32), "flags": np.array([True, False]),
          "half": np.arange(5, dtype=np.float16)}
net = [{"name": name, "data": Tensor(value)} for name, value in values.items()]
ms.save_checkpoint(net, "plain.ckpt")
ms.save_checkpoint(net, "crc.ckpt", crc_check=True)
ms.save_checkpoint(net, "st", format="safetensors")
ms.save_checkpoint(net, "stcrc", format="safetensors", crc_check=True)
for mode in ("AES-GCM", "AES-CBC", "SM4-CBC"):
    ms.save_checkpoint(net, f"{mode}.ckpt", enc_key=KEY, enc_mode=mode)
ms.save_checkpoint(net, "both.ckpt", enc_key=KEY, crc_check=True)
""",
        here,
    )
    values = {n: v for n, v in VALUES.items() if n in ("conv.weight", "step", "flags", "half")}
    ours = {
        "plain.ckpt": {},
        "crc.ckpt": {"access": Access(crc=True)},
        "st.safetensors": {"format": SAFETENSORS},
        "stcrc.safetensors": {"format": SAFETENSORS, "access": Access(crc=True)},
    }
    for name, options in ours.items():
        path = written(here / f"our-{name}", values, **options)
        assert _canonical(here / name) == _canonical(path), name
        with opened(here / name, options.get("access")) as file:
            assert len(file) == 4
    for mode in (*MODES, "both"):
        with opened(here / f"{mode}.ckpt", Access(Key(KEY, "x"))) as file:
            assert file.mode == mode.replace("both", "AES-GCM")
            for name, value in values.items():
                np.testing.assert_array_equal(file.array(name), value)


def test_arguments_of_save_checkpoint(mindspore, here):
    """Entries of ``append_dict`` and odd names, byte for byte; and where a suffix is added."""
    program = """
import os
os.mkdir(where)
os.chdir(where)
entries = [{"name": name, "data": Tensor(np.ones(2, np.float32))}
           for name in ("", "a/b", "a\\0b", "\\n", "😀", "__metadata__", "a.npy")]
said = {"whole": 3, "large": 1 << 40, "real": 0.1, "flag": True, "nan": float("nan"),
        "nothing": "", "note": "grüße", "zero": "a\\0b", "astral": "😀", "array": Tensor([1, 2])}
save(entries, "named.ckpt", append_dict=said)
for name in ("plain", "with_ckpt", "with.other"):
    save(entries, name)
save(entries[:3], "tensors", format="safetensors")
"""
    mindspore(f"{PRELUDE}\nwhere, save = 'theirs', ms.save_checkpoint\n{program}", here)
    exec(program, {"where": "ours", "save": save_checkpoint, "Tensor": Tensor, "np": np})
    names = sorted(os.listdir(here / "theirs"))
    assert sorted(os.listdir(here / "ours")) == names
    for name in names:
        assert _canonical(here / "ours" / name) == _canonical(here / "theirs" / name), name


def test_what_mindspore_reads_and_never_writes(mindspore, here, monkeypatch):
    """A packed Int4, a value without elements, slices (here of 100 bytes), entries of
    ``append_dict``, a map parameter."""
    packed, large = np.array([[1, -2, 3]], np.int8), np.arange(90, dtype=np.int16).reshape(9, 10)
    header = HeaderEntry.of("packed", INT4, packed.shape)
    pieces = [Computed(header, lambda: packed), piece("empty", np.zeros((0, 3), np.float32))]
    pieces += [piece("large", large), piece("note", "grüße"), piece("count", np.array(3))]
    pieces.append(piece("nothing said", ""))
    keys, values = np.array([4, 9], np.int32), np.arange(6, dtype=np.float32).reshape(2, 3)
    (here / "map.ckpt").write_bytes(protobuf.encode_map("table", (keys, values, keys)))
    monkeypatch.setattr(codec, "SLICE_BYTES", 100)
    with opened(here / "map.ckpt") as file:
        table = Copied(file, file.by_name["table"], "renamed")
        write_checkpoint(here / "x.ckpt", [*pieces, table, piece("last", np.ones(2))])
    said = mindspore(
        PRELUDE
        + """
def shown(value):
    if isinstance(value, str):
        return value
    if isinstance(value, ms.experimental.MapParameter):
        return [column.tolist() for column in value.export_data()]
    if isinstance(value, list):
        return [np.asarray(column).tolist() for column in value]
    return [str(value.dtype), list(value.shape), bytes(value.get_bytes()).hex()]

print(json.dumps({name: shown(value) for name, value in ms.load_checkpoint("x.ckpt").items()}))
""",
        here,
    )
    assert json.loads(said) == {
        "packed": ["Int4", [1, 3], packed.tobytes().hex()],
        "empty": ["Float32", [0, 3], ""],
        "large": ["Int16", [9, 10], large.tobytes().hex()],
        "note": "grüße",
        "nothing said": "",
        "count": ["Int64", [], np.array(3).tobytes().hex()],
        "renamed": [keys.tolist(), values.tolist(), keys.tolist()],
        "last": ["Float64", [2], np.ones(2).tobytes().hex()],
    }
    with pytest.warns(LoadWarning, match="renamed"):
        assert load_checkpoint(here / "x.ckpt")["note"] == "grüße"
