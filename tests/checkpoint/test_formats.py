"""Every format and protection: what is written is read, by us and by the format's own library."""

import io
import struct
import zlib

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import safetensors
import safetensors.numpy
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.checkpoint import cipher, reader, reads
from declspore.checkpoint.cipher import MODES, Key
from declspore.checkpoint.decrypted import DecryptedBytes
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Copied
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.npz import NPZ
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.values import value_header
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.dtype import DTYPES, INT4
from declspore.ir.header import HeaderEntry
from declspore.report import DiagnosticError
from tests.checkpoint.support import opened, piece, written
from tests.conftest import GOLDEN

KEY = Key(b"0123456789abcdef", "the test")
WAYS = {
    "ckpt": (MINDSPORE, Access()),
    "ckpt crc": (MINDSPORE, Access(crc=True)),
    **{mode: (MINDSPORE, Access(KEY, mode)) for mode in MODES},
    "AES-GCM crc": (MINDSPORE, Access(KEY, "AES-GCM", crc=True)),
    "safetensors": (SAFETENSORS, Access()),
    "safetensors crc": (SAFETENSORS, Access(crc=True)),
    "npz": (NPZ, Access()),
}
names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"),
    min_size=1,
    max_size=20,
).filter(lambda name: name != "__metadata__")
plain = [
    dtype.as_numpy()
    for dtype in DTYPES
    if dtype.numpy not in ("bfloat16", "complex128") and dtype.kind != "float8"
]
arrays = st.sampled_from(plain).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
    )
)
contents = st.dictionaries(names, arrays, min_size=1, max_size=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("formats")


def _same(file, values) -> None:
    assert sorted(entry.name for entry in file) == sorted(values)
    for name, value in values.items():
        for found in (file.array(name), file.read(name)):
            assert found.dtype == value.dtype
            assert found.shape == value.shape
            assert found.tobytes() == value.tobytes()
        assert not file.array(name).flags.writeable
        assert file.read(name).flags.aligned


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60)
@given(values=contents)
def test_what_is_written_is_read(folder, way, values):
    format, access = WAYS[way]
    path = written(folder / "file.any", values, format=format, access=access)
    with opened(path, access) as file:
        _same(file, values)
        assert file.format == format.name
        assert file.mode == access.mode
        assert (file.crc is not None) == access.crc


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("other", WAYS)
def test_every_way_into_every_other(folder, way, other):
    """And back: the same entries and values."""
    values = {"b.weight": np.arange(12.0).reshape(3, 4), "a": np.array(7), "c": np.ones(3, bool)}
    (first, access), (second, other_access) = WAYS[way], WAYS[other]
    path = written(folder / "one", values, format=first, access=access)
    with opened(path, access) as file:
        pieces = [Copied(file, entry, entry.name) for entry in file]
        write_checkpoint(folder / "two", pieces, format=second, access=other_access)
    with opened(folder / "two", other_access) as file:
        _same(file, values)


# ---- the formats' own libraries


@settings(max_examples=100)
@given(values=contents)
def test_safetensors_of_the_library(folder, values):
    """Byte for byte what the library writes, and what it writes is read."""
    path = written(folder / "x.safetensors", values, format=SAFETENSORS)
    expected = safetensors.numpy.save(values, metadata={"format": "ms"})
    assert path.read_bytes() == expected
    (folder / "y.safetensors").write_bytes(expected)
    with opened(folder / "y.safetensors") as file:
        _same(file, values)


def test_a_summed_safetensors_is_read_by_the_library(folder):
    values = {f"x{i}": np.arange(i) for i in range(5)}
    access = Access(crc=True)
    path = written(folder / "x.safetensors", values, format=SAFETENSORS, access=access)
    with safetensors.safe_open(path, "np") as file:
        metadata = file.metadata()
        assert metadata["format"] == "ms"
        number = 0
        for name in sorted(values):
            number = zlib.crc32(values[name].tobytes(), zlib.crc32(name.encode(), number))
        assert metadata["crc_num"] == str(number)
        for name, value in values.items():
            np.testing.assert_array_equal(file.get_tensor(name), value)


@settings(max_examples=60)
@given(values=contents)
def test_npz_of_numpy(folder, values):
    path = written(folder / "x.npz", values, format=NPZ)
    with np.load(path) as file:
        for name, value in values.items():
            assert file[name].dtype == value.dtype
            assert file[name].tobytes() == value.tobytes()
    for save in (np.savez, np.savez_compressed):
        data = io.BytesIO()
        save(data, **{f"x.{i}": value for i, value in enumerate(values.values())})
        (folder / "y.npz").write_bytes(data.getvalue())
        with opened(folder / "y.npz") as file:
            _same(file, {f"x.{i}": value for i, value in enumerate(values.values())})


def test_npz_in_other_orders(folder):
    value = np.arange(6.0).reshape(2, 3)
    np.savez(folder / "f.npz", fortran=np.asfortranarray(value), big=value.astype(">f8"))
    with opened(folder / "f.npz") as file:
        for name in ("fortran", "big"):
            np.testing.assert_array_equal(file.array(name), value)
            assert file.array(name).dtype == np.float64


def test_texts_and_npz(folder):
    path = written(folder / "t.npz", {"note": "grüße", "x": np.ones(2)}, format=NPZ)
    with np.load(path) as file:
        assert str(file["note"]) == "grüße"
    with opened(path) as file:
        assert file.text("note") == "grüße"


@pytest.mark.parametrize("text", ["", "a", "a\0b", "😀"])
def test_texts_of_any_kind(folder, text):
    """Through every format that has texts; compressed archives of NumPy, too."""
    written(folder / "t.ckpt", {"note": text})
    with opened(folder / "t.ckpt") as file:
        assert file.text("note") == text
        write_checkpoint(folder / "t.npz", [Copied(file, file.entries[0], "note")], format=NPZ)
    np.savez_compressed(folder / "u.npz", note=np.array(text))
    for name in ("t.npz", "u.npz"):
        with opened(folder / name) as file:
            assert file.text("note") == text
            write_checkpoint(folder / "v.ckpt", [Copied(file, file.entries[0], "note")])
        assert (folder / "v.ckpt").read_bytes() == (folder / "t.ckpt").read_bytes()


def test_metadata_of_safetensors_are_kept(folder):
    """By an edit, which is told nothing of them; but for a CRC, and what is said of entries."""
    kept = {"format": "pt", "remove_redundancy": "True"}
    values = {"q": np.arange(3, dtype=np.int8), "w": np.ones(2)}
    metadata = kept | {"q": "Int4", "crc_num": "7", "renamed": "a note"}
    data = safetensors.numpy.save(values, metadata=metadata)
    (folder / "m.safetensors").write_bytes(data)
    with opened(folder / "m.safetensors") as file:
        for names, said in (
            ({"w": "w"}, {"renamed": "a note"}),
            ({"w": "renamed", "q": "r"}, {"r": "Int4"}),
        ):
            pieces = [Copied(file, file.by_name[old], new) for old, new in names.items()]
            write_checkpoint(folder / "n.safetensors", pieces, format=SAFETENSORS)
            with safetensors.safe_open(folder / "n.safetensors", "np") as found:
                assert found.metadata() == kept | said


# ---- what formats cannot hold


def test_not_held(folder):
    with opened(GOLDEN / "kinds.ckpt") as file:
        pieces = [Copied(file, entry, entry.name) for entry in file]
        for format, refused in ((SAFETENSORS, ["note"]), (NPZ, ["kind.BFloat16"])):
            with pytest.raises(DiagnosticError) as caught:
                write_checkpoint(folder / "never", pieces, format=format)
            (problem,) = caught.value.diagnostics
            assert problem.code == "E523"
            assert problem.notes == (", ".join(f"`{name}`" for name in refused),)
    assert not (folder / "never").exists()


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a\0b", NPZ),  # a zip archive ends the name there
        ("a" * 70_000, NPZ),
        ("a" * (1 << 20 | 1), MINDSPORE),
        ("a\ud800", MINDSPORE),
        ("a\ud800", SAFETENSORS),
        ("a\ud800", NPZ),
    ],
    ids=["zero", "long", "too long", "ckpt", "safetensors", "npz"],
)
def test_names_that_are_not_held(folder, name, format):
    with pytest.raises(DiagnosticError) as caught:
        written(folder / "never", {name: np.ones(1)}, format=format)
    assert caught.value.diagnostics[0].code == "E523"
    assert not (folder / "never").exists()


def test_two_values_of_one_name(folder):
    with pytest.raises(DiagnosticError) as caught:
        write_checkpoint(folder / "never", [piece("a", np.ones(1)), piece("a", np.ones(2))])
    assert caught.value.diagnostics[0].code == "E524"


def test_int4(folder):
    """Two numbers a byte; dims count bytes; safetensors says so in its metadata."""
    value = np.arange(-3, 3, dtype=np.int8).reshape(2, 3)
    header = HeaderEntry.of("q", INT4, (2, 3))
    made = [piece("w", np.ones(2)), type(piece("q", value))(header, lambda: value)]
    write_checkpoint(folder / "q.ckpt", made)
    with opened(folder / "q.ckpt") as file:
        assert file.header.by_name["q"].type == "i4x2[2, 3]"
        np.testing.assert_array_equal(file.array("q"), value)
        copies = [Copied(file, entry, entry.name) for entry in file]
        write_checkpoint(folder / "q.safetensors", copies, format=SAFETENSORS)
    with safetensors.safe_open(folder / "q.safetensors", "np") as file:
        assert file.metadata()["q"] == "Int4"
        assert file.get_tensor("q").dtype == np.int8
    with opened(folder / "q.safetensors") as file:
        assert file.header.by_name["q"].dtype == INT4


# ---- CRC


def test_crc_of_the_whole_file(folder):
    path = written(folder / "c.ckpt", {"a": np.arange(9)}, access=Access(crc=True))
    data = path.read_bytes()
    assert data[-17:] == b"crc_num" + zlib.crc32(data[:-17]).to_bytes(10, "big")


@pytest.mark.parametrize("format", [MINDSPORE, SAFETENSORS], ids=["ckpt", "safetensors"])
def test_a_changed_byte_is_found(folder, format):
    path = written(folder / "c", {"a": np.arange(9)}, format=format, access=Access(crc=True))
    data = bytearray(path.read_bytes())
    data[data.index(np.int64(5).tobytes())] ^= 1
    path.write_bytes(data)
    assert opened(path).array("a")[5] == 4  # nobody asked for the check
    with pytest.raises(DiagnosticError) as caught:
        opened(path, Access(crc=True))
    assert caught.value.diagnostics[0].code == "E518"


def test_the_crc_of_a_file_that_threads_share(folder):
    values = {"a": np.arange(9_000_000, dtype=np.float32), "b": np.arange(77)}
    path = written(folder / "c.ckpt", values, access=Access(crc=True))
    data = path.read_bytes()
    assert data[-17:] == b"crc_num" + zlib.crc32(data[:-17]).to_bytes(10, "big")
    assert opened(path, Access(crc=True)).array("b")[76] == 76
    with path.open("r+b") as file:
        file.seek(len(data) - 50)
        file.write(bytes([data[-50] ^ 1]))
    with pytest.raises(DiagnosticError) as caught:
        opened(path, Access(crc=True))
    assert caught.value.diagnostics[0].code == "E518"


def test_a_crc_that_is_not_there(folder):
    path = written(folder / "c.ckpt", {"a": np.arange(9)})
    with pytest.raises(DiagnosticError) as caught:
        opened(path, Access(crc=True))
    assert caught.value.diagnostics[0].code == "E519"


# ---- encryption


def test_several_blocks(folder, monkeypatch):
    """A block is 64 MiB; here 100 bytes, and values lie across many."""
    monkeypatch.setattr(cipher, "BLOCK", 100)
    values = {f"x{i}": np.random.default_rng(i).normal(size=(i, 7)) for i in range(9)}
    for mode in MODES:
        access = Access(KEY, mode)
        path = written(folder / "blocks.ckpt", values, access=access)
        size = written(folder / "plain.ckpt", values).stat().st_size
        assert path.stat().st_size >= size + 28 * (size // 100)
        with opened(path, access) as file:
            _same(file, values)


def _read_all(path, access) -> None:
    with opened(path, access) as file:
        for entry in file:
            file.array(entry.name)


def _codes(path, access) -> list[str]:
    with pytest.raises(DiagnosticError) as caught:
        _read_all(path, access)
    return [problem.code for problem in caught.value.diagnostics]


@pytest.mark.parametrize("mode", MODES)
def test_wrong_keys(folder, mode):
    path = written(folder / "e.ckpt", {"a": np.arange(99)}, access=Access(KEY, mode))
    assert _codes(path, Access(Key(b"another key 1234", "x"))) == ["E516"]
    assert _codes(path, Access(Key(b"short", "x"))) == ["E515"]
    assert _codes(path, Access()) == ["E514"]
    other = next(name for name in MODES if name != mode)
    assert _codes(path, Access(KEY, other)) == ["E517"]


def test_a_key_of_the_wrong_size_writes_nothing(folder):
    for mode, size in (("AES-GCM", 15), ("SM4-CBC", 32)):
        access = Access(Key(bytes(size), "x"), mode)
        with pytest.raises(DiagnosticError) as caught:
            written(folder / "never.ckpt", {"a": np.ones(2)}, access=access)
        assert caught.value.diagnostics[0].code == "E515"
    assert not (folder / "never.ckpt").exists()


def test_every_byte_of_an_authenticated_file(folder):
    """Of AES-GCM no changed byte passes, but for the four of the iv that are not used."""
    access = Access(KEY)
    path = written(folder / "g.ckpt", {"a": np.arange(5)}, access=access)
    good = path.read_bytes()
    unused = range(4 + 16 + 8 + 12, 4 + 16 + 8 + 16)
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :])
        if at in unused:
            assert opened(path, access).array("a").tolist() == [0, 1, 2, 3, 4]
        else:
            assert _codes(path, access)[0] in ("E503", "E504", "E516", "E517", "E528"), at


def test_nonces_of_sixteen_bytes(folder):
    """Some sources of MindSpore use all of the iv. Its counter may begin anywhere, and run over."""
    plain = written(folder / "p.ckpt", {"a": np.arange(500)}).read_bytes()
    iv = bytes(range(16))
    encryptor = Cipher(algorithms.AES(KEY.secret), modes.GCM(iv)).encryptor()
    data = encryptor.update(plain) + encryptor.finalize()
    head = MODES["AES-GCM"].magic.to_bytes(4, "little") + encryptor.tag
    sizes = struct.pack("<ii", 24 + len(data), 16) + iv + struct.pack("<i", len(data))
    (folder / "s.ckpt").write_bytes(head + sizes + data)
    with opened(folder / "s.ckpt", Access(KEY)) as file:
        assert file.array("a").tolist() == list(range(500))
        assert file.array("a")[3:5].tolist() == [3, 4]


def test_counters_that_run_over(folder):
    path = written(folder / "g.ckpt", {"a": np.arange(99)}, access=Access(KEY))
    source = DecryptedBytes(FileBytes(str(path)), "g.ckpt", MODES["AES-GCM"], KEY)
    (block,) = source._blocks
    high, low = 0xABCDEF << 32, (1 << 32) - 2
    source._counters[block] = high + low
    counters = b"".join((high + (low + i) % (1 << 32)).to_bytes(16, "big") for i in range(9))
    stream = Cipher(algorithms.AES(KEY.secret), modes.ECB()).encryptor().update(counters)
    cipher = path.read_bytes()[block.cipher.start :]
    for start, size in ((0, 144), (0, 32), (5, 27), (31, 3), (32, 50), (40, 100)):
        expected = bytes(a ^ b for a, b in zip(cipher, stream, strict=False))[start : start + size]
        assert source.read(start, size) == expected


def test_truncated_cipher(folder):
    access = Access(KEY)
    good = written(folder / "g.ckpt", {"a": np.arange(5)}, access=access).read_bytes()
    for size in range(4, len(good)):
        (folder / "g.ckpt").write_bytes(good[:size])
        assert _codes(folder / "g.ckpt", access) == ["E504"]


def test_too_many_blocks(folder):
    """Blocks of one byte: an index of them would be many times as large as the file."""
    head = MODES["AES-GCM"].magic.to_bytes(4, "little") + bytes(16)
    block = head + struct.pack("<ii", 25, 16) + bytes(16) + struct.pack("<i", 1) + b"x"
    (folder / "g.ckpt").write_bytes(block * 70_000)
    assert _codes(folder / "g.ckpt", Access(KEY)) == ["E504"]


def test_an_empty_crc_behind_the_cipher(folder):
    """MindSpore puts it there when asked for both, and cannot read it; here it does no harm."""
    path = written(folder / "g.ckpt", {"a": np.arange(5)}, access=Access(KEY))
    path.write_bytes(path.read_bytes() + b"crc_num" + bytes(10))
    assert opened(path, Access(KEY)).array("a").tolist() == [0, 1, 2, 3, 4]


def test_headers_are_those_of_values():
    with pytest.raises(DiagnosticError) as caught:
        value_header("x.ckpt", "a", np.array([object()]))
    assert caught.value.diagnostics[0].code == "E522"


# ---- loading


@pytest.mark.parametrize("way", ["ckpt", "AES-CBC", "safetensors", "npz"])
def test_one_value_is_read_alone(folder, way, monkeypatch):
    """Of a file of a megabyte a value of 10 kB takes no more than itself, beside the index."""
    format, access = WAYS[way]
    values = {f"x{i}": np.full(10_000, i, np.uint8) for i in range(100)}
    path = written(folder / "many", values, format=format, access=access)
    amounts = []
    for name, size in (("read", lambda start, length: length), ("readinto", lambda _, t: len(t))):
        call = getattr(FileBytes, name)

        def counted(self, start, what, call=call, size=size):
            amounts.append(size(start, what))
            return call(self, start, what)

        monkeypatch.setattr(FileBytes, name, counted)
    with opened(path, access) as file:
        amounts.clear()
        assert file.read("x7").tolist() == [7] * 10_000
        assert 10_000 <= sum(amounts) <= 10_100


@pytest.mark.parametrize("way", ["ckpt", "ckpt crc", "safetensors", "npz"])
def test_arrays_are_views_of_the_file(folder, way):
    """However often a value is asked for, it is the same memory, and that is the file's."""
    format, access = WAYS[way]
    path = written(folder / "viewed", {"a": np.arange(99)}, format=format, access=access)
    with opened(path, access) as file:
        one, other = file.array("a"), file.array("a")
        assert one.ctypes.data == other.ctypes.data
        (part,) = file.entries[0].parts
        with open(path, "r+b") as changed:
            changed.seek(part.start)
            changed.write(np.int64(-1).tobytes())
        assert one[0] == -1


@pytest.mark.parametrize("way", ["ckpt", "AES-GCM", "AES-CBC", "safetensors", "npz"])
def test_load(folder, way, monkeypatch):
    """Many values at once, in threads: small ones beside each other, large ones alone."""
    for module in (reader, reads):
        monkeypatch.setattr(module, "_BLOCK", 1 << 20)
    format, access = WAYS[way]
    source = np.random.default_rng(0)
    sizes = [*source.integers(1, 600_000, 9).tolist(), 4 << 20, 7, 2 << 20, 0, 1]
    values = {f"x{i}": source.integers(0, 255, size, np.uint8) for i, size in enumerate(sizes)}
    values |= {"half": np.arange(9, dtype=np.float16).reshape(3, 3), "scalar": np.array(2.5)}
    values["empty"] = np.zeros((0, 4), np.int64)
    path = written(folder / "load", values, format=format, access=access)
    with opened(path, access) as file:
        found = file.load()
        assert list(found) == [entry.name for entry in file]
        for name, value in values.items():
            array = found[name]
            assert (array.dtype, array.shape) == (value.dtype, value.shape)
            assert array.tobytes() == value.tobytes()
            assert array.flags.writeable
            assert array.flags.aligned
        found["half"][:] = 0
        assert file.load(["x3", "half"])["half"].tolist() == values["half"].tolist()
        assert list(file.load(["x3", "half"])) == ["x3", "half"]
    for name in set(values) - {"half"}:
        assert found[name].tobytes() == values[name].tobytes()
