"""NumPy's archives: heads, members and directories that state what is not so."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest

from declspore.checkpoint.reader import Access
from declspore.ir.term import Arguments
from declspore.npy import read_head
from declspore.plan.files import open_any
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.report import DiagnosticError
from tests.attacks.support import attacked

MAGIC = b"\x93NUMPY"


def npy(head, version=1, values=b""):
    wide = "<H" if version == 1 else "<I"
    return MAGIC + bytes([version, 0]) + struct.pack(wide, len(head)) + head + values


def fields(descr="'<f4'", fortran="False", shape="(2,)"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}}}\n".encode()


HEADS = {
    "nothing": b"",
    "cut in the magic": MAGIC[:4],
    "cut in the length": MAGIC + b"\x01\x00\x09",
    "cut in the text": npy(fields())[:-4],
    "states four gibibytes": MAGIC + b"\x02\x00\xff\xff\xff\xff",
    "unknown version": npy(fields(), version=9),
    "not a dict": npy(b"[1, 2, 3]\n"),
    "not a literal": npy(b"__import__('os').system('true')\n"),
    "nested": npy(b"(" * 9000 + b")" * 9000),
    "signs": npy(b"-" * 50000 + b"1"),
    "long number": npy(fields(shape=f"({'9' * 30000},)")),
    "negative": npy(fields(shape="(-1,)")),
    "fraction": npy(fields(shape="(2.5,)")),
    "true": npy(fields(shape="(True,)")),
    "list": npy(fields(shape="[2]")),
    "many axes": npy(fields(shape="(" + "1, " * 1000 + ")")),
    "beyond counting": npy(fields(shape=f"({1 << 63},)")),
    "another key": npy(b"{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), 'x': 1}\n"),
    "NUL": npy(b"\0" * 64),
    "not UTF-8": npy(b"\xff\xfe\n"),
}
MEMBERS = {
    "objects": npy(fields(descr="'|O'"), values=bytes(16)),
    "a record": npy(fields(descr="[('a', '<f4'), ('b', '|O')]"), values=bytes(24)),
    "a nested record": npy(fields(descr="[('a', [('b', " * 40 + "'<f4'" + ")])]" * 40)),
    "unknown type": npy(fields(descr="'<z9'")),
    "a type that is a number": npy(fields(descr="7")),
    "more than there is": npy(fields(shape="(1 << 40,)")),
    "much more than there is": npy(fields(shape=f"({1 << 40},)"), values=bytes(8)),
    "less than there is": npy(fields(shape="(1,)"), values=bytes(8)),
    "a text of a gibibyte": npy(fields(descr="'<U268435456'", shape="()")),
    "no elements, no such array": npy(fields(shape=f"(0, {1 << 60}, {1 << 60})")),
}


@pytest.mark.parametrize("name", HEADS)
def test_heads(name):
    with pytest.raises(ValueError, match=r"head|version|begin"):
        read_head(io.BytesIO(HEADS[name]))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", [*HEADS, *MEMBERS])
def test_members(here, name, method):
    with zipfile.ZipFile("a.npz", "w", method) as archive:
        archive.writestr("x.npy", (HEADS | MEMBERS)[name])
    with pytest.raises(DiagnosticError):
        open_any("a.npz", Access())
    assert open_any("a.npz", Access(), lenient=True).problems


@pytest.mark.parametrize("name", [*HEADS, *MEMBERS])
def test_npy_in_a_spec(here, name):
    (here / "x.npy").write_bytes((HEADS | MEMBERS)[name])
    kind = vocabulary().of(TensorKind, "npy")
    with pytest.raises(Misfit):
        kind.infer(_path("x.npy"))


@pytest.mark.parametrize("path", ["/dev/zero", ".", "/proc/self/environ", "a\0b"])
def test_npy_of_no_regular_file(here, path):
    with pytest.raises(Misfit):
        vocabulary().of(TensorKind, "npy").infer(_path(path))


def deflated(head, blanks, rest=b""):
    """A member whose head goes on with blanks, mebibyte by mebibyte, and its checksum and size."""
    packer = zlib.compressobj(9, wbits=-15)
    crc, size, parts = 0, 0, []
    for data in (head, *[b" " * (1 << 20)] * blanks, rest):
        crc, size = zlib.crc32(data, crc), size + len(data)
        parts.append(packer.compress(data))
    return b"".join(parts) + packer.flush(), crc, size


def archive_of(name, packed, crc, size, method=8, flags=0):
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 45, flags, method, 0, 33, crc, len(packed), size,
                        len(name), 0)  # fmt: skip
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 45, 45, flags, method, 0, 33, crc, len(packed),
                          size, len(name), 0, 0, 0, 0, 0, 0)  # fmt: skip
    begin = len(local) + len(name) + len(packed)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central) + len(name), begin, 0)
    return local + name + packed + central + name + end


@pytest.mark.parametrize("command", ["inspect", "verify", "diff", "convert", "run"])
def test_a_head_of_blanks(here, command):
    """Half a gibibyte of them in half a mebibyte; NumPy would hold it three times over."""
    length = 512 << 20
    packed = deflated(MAGIC + b"\x02\x00" + struct.pack("<I", length) + fields()[:-1], 512)
    (here / "a.npz").write_bytes(archive_of(b"x.npy", *packed))
    (here / "e.spec").write_text(
        'spec 1\nedit e {\n  in a = npz("a.npz")\n  out b = npz("b.npz")\n}\n'
    )
    arguments = {
        "inspect": ["a.npz"],
        "verify": ["a.npz"],
        "diff": ["a.npz", "a.npz"],
        "convert": ["a.npz", "b.npz"],
        "run": ["e.spec"],
    }
    done = attacked(here, command, *arguments[command])
    assert "E504" in done.codes, done.text
    assert done.megabytes < 250


@pytest.mark.parametrize("flags", [1, 0x40 | 1, 0x20])
@pytest.mark.parametrize("method", [0, 1, 6, 8, 9, 12, 14, 93, 97, 99])
def test_methods_and_flags(here, method, flags):
    values = npy(fields(), values=bytes(8))
    for flag in (flags, 0):
        data = archive_of(b"x.npy", values, zlib.crc32(values), len(values), method, flag)
        (here / "a.npz").write_bytes(data)
        if method == 0 and flag == 0:
            assert np.array_equal(open_any("a.npz", Access()).array("x"), [0, 0])
            continue
        with pytest.raises(DiagnosticError) as caught:
            open_any("a.npz", Access()).array("x")
        assert {d.code for d in caught.value.diagnostics} <= {"E503", "E504"}


def test_every_flipped_byte_is_the_same_or_answered(here):
    np.savez_compressed("good.npz", a=np.arange(40), b=np.ones((3, 2), np.float32))
    good, found = (here / "good.npz").read_bytes(), set()
    for at in range(len(good)):
        (here / "a.npz").write_bytes(good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :])
        try:
            with open_any("a.npz", Access()) as opened:
                opened.load()
        except DiagnosticError as error:
            found |= {d.code for d in error.diagnostics}
    assert found <= {"E503", "E504", "E506", "E507", "E508"}


def test_members_that_share_their_bytes(here):
    """One body under many names unpacks to more than any file of its size."""
    values = npy(fields(shape="(1000,)"), values=bytes(4000))
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(values) + packer.flush()
    crc = zlib.crc32(values)
    one = archive_of(b"00000.npy", packed, crc, len(values))
    begin = one.index(b"PK\1\2")
    body, entry = one[:begin], one[begin : one.index(b"PK\5\6")]
    entries = [entry.replace(b"00000", b"%05d" % n) for n in range(2000)]
    directory = b"".join(entries)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2000, 2000, len(directory), begin, 0)
    (here / "a.npz").write_bytes(body + directory + end)
    with pytest.raises(DiagnosticError):
        open_any("a.npz", Access())


def _path(path):
    return Arguments({"path": path})
