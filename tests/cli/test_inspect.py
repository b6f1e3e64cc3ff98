"""``declspore inspect`` and ``declspore diff``: what files hold, and how two differ."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from declspore.checkpoint.cipher import Key
from declspore.checkpoint.compare import compare
from declspore.checkpoint.reader import Access
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.ir.dtype import DTYPES
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened, written
from tests.cli.support import LENET, SECRET, codes, parsed

# ---- inspect


def test_inspect(declspore):
    done = declspore("inspect", LENET)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"entry +type +role +bytes", lines[0])
    assert re.fullmatch(r"fc1\.weight +f32\[120, 400\] +weight +192,000", lines[3])
    assert re.fullmatch(r"moments\.conv1\.weight +f32\[6, 1, 5, 5\] +slot +600", lines[12])
    assert "19 entries, 481.9 KiB of values, 482.6 KiB file (ckpt)" in lines
    assert re.fullmatch(r"  slot +8, 241\.0 KiB", lines[-2])


def test_inspectparsed(declspore):
    found = parsed(declspore("inspect", LENET, "--json"))
    assert (found["ok"], found["format"], found["encryption"], found["crc"]) == (
        *(True, "ckpt", None, None),
    )
    assert found["entries"][8] == {
        "name": "global_step",
        "dtype": "Int32",
        "shape": [1],
        "bytes": 4,
        "role": "scalar",
    }


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["conv*.weight"], ["conv1.weight", "conv2.weight"]),
        (["fc{i:int}.bias", "momentum"], ["fc1.bias", "fc2.bias", "fc3.bias", "momentum"]),
        (["--role", "scalar"], ["global_step", "learning_rate", "momentum"]),
        (["**.conv1.weight", "--role", "slot"], ["moments.conv1.weight"]),
        (["nothing"], []),
    ],
)
def test_inspect_some(declspore, options, names):
    found = parsed(declspore("inspect", LENET, *options, "--json"))
    assert sorted(entry["name"] for entry in found["entries"]) == names
    done = declspore("inspect", LENET, *options)
    assert done.returncode == (0 if names else 1)
    assert f"{len(names)} entr" in done.stdout


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("fc*", "no entry matches `fc*`; `fc*.**` matches 6"),
        ("momentm", "no entry matches `momentm`; did you mean `momentum`?"),
        ("xyzzy", "no entry matches `xyzzy`"),
    ],
)
def test_inspect_a_pattern_without_a_match(declspore, pattern, said):
    done = declspore("inspect", LENET, pattern)
    assert (done.returncode, done.stderr) == (1, said + "\n")


def test_inspect_a_wrong_pattern(declspore):
    done = declspore("inspect", LENET, "a.{b")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "a.{b" in done.stderr


def test_inspect_tree(declspore):
    done = declspore("inspect", LENET, "--tree")
    assert done.returncode == 0
    text = done.stdout
    assert text.index("conv1") < text.index("fc3") < text.index("moments")
    assert len(re.findall(r"\bweight +f32", text)) == 10


def test_inspect_stats(declspore, here):
    values = {
        "a": np.array([1.0, np.nan, -3.0, np.inf, 5.0], np.float32),
        "n": np.array([2, 4], np.int16),
        "none": np.zeros(0, np.float32),
    }
    path = written(here / "s.ckpt", values)
    found = parsed(declspore("inspect", path, "--stats", "--json"))
    stats = [entry["stats"] for entry in found["entries"]]
    assert stats == [
        {"min": -3.0, "max": 5.0, "mean": 1.0, "nan": 1, "infinite": 1},
        {"min": 2.0, "max": 4.0, "mean": 3.0, "nan": 0, "infinite": 0},
        {"min": None, "max": None, "mean": None, "nan": 0, "infinite": 0},
    ]
    lines = declspore("inspect", path, "--stats").stdout.splitlines()
    assert re.fullmatch(r"a +f32\[5\] +weight +20 +-3 +5 +1 +1 +1", lines[1])


def test_inspect_stats_of_the_largest(declspore, here):
    """A sum may be beyond float64 where the mean is not; a value of many pieces has one mean."""
    values = {
        "huge": np.array([1.5e308, 1.5e308, -1.5e308, 1.5e308]),
        "half": np.full(70_000, 60_000, np.float16),
        "long": np.arange(1_000_000, dtype=np.float64),
    }
    done = declspore("inspect", written(here / "s.ckpt", values), "--stats", "--json")
    assert done.stderr == ""
    means = [entry["stats"]["mean"] for entry in parsed(done)["entries"]]
    assert means == pytest.approx([0.75e308, 60_000, 499_999.5], rel=1e-14)


def test_inspect_shows_the_rest_of_a_damaged_file(declspore, here):
    faulty = protobuf.encode([("a", (2,), "Int8", b"\0"), ("b", (1,), "Int8", b"\1")])
    (here / "x.ckpt").write_bytes(faulty + b"\x0a\x50half")
    done = declspore("inspect", "x.ckpt")
    assert (done.returncode, codes(done)) == (2, ["E507", "E505"])
    assert re.search(r"^b +i8\[1\]", done.stdout, re.M)
    found = parsed(declspore("inspect", "x.ckpt", "--json"))
    assert not found["ok"]
    assert [entry["name"] for entry in found["entries"]] == ["b"]
    assert [problem["code"] for problem in found["diagnostics"]] == ["E507", "E505"]


@pytest.fixture
def secret(here, monkeypatch):
    monkeypatch.setenv("SECRET", SECRET)
    path = here / "secret.ckpt"
    return written(path, {"a": np.arange(4)}, access=Access(Key(SECRET.encode(), ""), "SM4-CBC"))


def test_inspect_an_encrypted_file(declspore, secret):
    done = declspore("inspect", secret)
    assert (done.returncode, codes(done)) == (2, ["E514"])
    assert "--key-env" in done.stderr
    found = parsed(declspore("inspect", secret, "--key-env", "SECRET", "--json"))
    assert (found["encryption"], len(found["entries"])) == ("SM4-CBC", 1)
    both = declspore("inspect", secret, "--key-env", "SECRET", "--key-file", "x")
    assert both.returncode == 2
    assert "one place" in both.stderr


ODD = ["a\nb", "\x1b[31mred", "\u202ereversed", "tab\t", "nul\0", "名前", "a b"]


@pytest.mark.parametrize("options", [[], ["--tree"], ["--stats"]])
def test_names_that_would_move_the_cursor(declspore, here, options):
    """Line breaks and control characters of names are shown, not sent to the terminal."""
    written(here / "odd.ckpt", {name: np.ones(1, np.float32) for name in ODD})
    done = declspore("inspect", "odd.ckpt", *options)
    assert done.returncode == 0
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
    shown = (r"a\nb", r"\x1b[31mred", r"\u202ereversed", r"tab\t", r"nul\x00", "名前", "a b")
    assert all(name in done.stdout for name in shown)
    found = parsed(declspore("inspect", "odd.ckpt", "--json"))
    assert [entry["name"] for entry in found["entries"]] == ODD


def test_names_that_would_move_the_cursor_in_messages(declspore, here):
    faulty = protobuf.encode([("\x1b[31m\r", (2,), "Int8\x1b", b"\0")])
    (here / "x.ckpt").write_bytes(faulty)
    done = declspore("inspect", "x.ckpt")
    assert (done.returncode, codes(done)) == (2, ["E506"])
    assert "\x1b" not in done.stderr
    assert r"entry `\x1b[31m\r`" in done.stderr


def test_names_beyond_the_encoding_of_the_terminal(here, monkeypatch):
    """And names of files that are no UTF-8."""
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    path = os.fsencode(here) + b"/\xff.ckpt"
    os.rename(written(here / "x.ckpt", {"名前": np.ones(1), "😀": np.ones(1)}), path)
    command = [sys.executable, "-m", "declspore", "inspect", path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u540d\u524d" in done.stdout
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    found = parsed(done)
    assert os.fsencode(found["file"]) == path
    assert [entry["name"] for entry in found["entries"]] == ["名前", "😀"]


def test_a_tree_of_many_dots(declspore, here):
    written(here / "deep.ckpt", {f"{'a.' * n}w": np.ones(1) for n in range(0, 3000, 3)})
    done = declspore("inspect", "deep.ckpt", "--tree")
    assert (done.returncode, done.stderr) == (0, "")


# ---- diff


@pytest.fixture
def pair(here):
    values = {f"l{i}.weight": np.random.default_rng(i).normal(size=(4, i + 1)) for i in range(5)}
    other = dict(values)
    other["renamed.weight"] = other.pop("l0.weight")
    other["l1.weight"] = values["l1.weight"] + np.eye(4, 2) * 0.25
    other["l2.weight"] = values["l2.weight"].astype(np.float32)
    del other["l3.weight"]
    other["new"] = np.ones(7)
    return written(here / "a.ckpt", values), written(here / "b.ckpt", other)


def test_diff(declspore, pair):
    done = declspore("diff", *pair)
    assert (done.returncode, done.stderr) == (3, "")
    lines = [re.sub(" +", " ", line).strip() for line in done.stdout.splitlines()]
    assert lines[:3] == [
        "- l3.weight f64[4, 4]",
        "+ new f64[7]",
        "> l0.weight -> renamed.weight f64[4, 1]",
    ]
    assert lines[3].startswith("~ l1.weight f64[4, 2] largest 0.25, relative ")
    assert lines[4] == "~ l2.weight f64[4, 3] -> f32[4, 3]"
    assert lines[5] == "1 removed, 1 added, 1 renamed, 2 changed, 1 equal"


def test_diff_of_encrypted_files(declspore, here, secret, monkeypatch):
    monkeypatch.setenv("OTHER", "fedcba9876543210")
    key = Key(b"fedcba9876543210", "")
    other = written(here / "o.ckpt", {"a": np.arange(4)}, access=Access(key, "AES-GCM"))
    plain = written(here / "p.ckpt", {"a": np.arange(4)})
    for files in ((secret, plain), (plain, secret)):
        assert declspore("diff", *files, "--key-env", "SECRET").stdout == "1 equal\n"
    keys = ("--key-env", "SECRET", "--other-key-env", "OTHER")
    assert declspore("diff", secret, other, *keys).stdout == "1 equal\n"
    done = declspore("diff", secret, other, "--key-env", "SECRET")
    assert (done.returncode, codes(done)) == (2, ["E516"])
    both = declspore("diff", secret, other, "--other-key-env", "A", "--other-key-file", "b")
    assert "one place" in both.stderr


def test_diffparsed(declspore, pair):
    found = parsed(declspore("diff", *pair, "--json"))
    assert found["equal"] == 1
    assert found["renamed"] == [{"from": "l0.weight", "to": "renamed.weight", "type": "f64[4, 1]"}]
    values = np.random.default_rng(1).normal(size=(4, 2))
    expected = np.linalg.norm(np.eye(4, 2) * 0.25) / np.linalg.norm(values)
    assert found["changed"][0]["largest"] == pytest.approx(0.25)
    assert found["changed"][0]["relative"] == pytest.approx(expected)
    assert found["changed"][1]["largest"] is None


def test_diff_of_every_type(declspore, here):
    """By one in one of two elements: the largest difference and the norm, whatever the type."""
    before = {
        dtype.name: np.array([3, 0], dtype.as_numpy()) for dtype in DTYPES if dtype.kind != "packed"
    }
    after = {name: value.copy() for name, value in before.items()}
    for value in after.values():
        value[1] = 1
    before["large"], after["large"] = np.array([1 << 62]), np.array([(1 << 62) + 1])
    before["low"], after["low"] = np.array([-(1 << 63)]), np.array([(1 << 63) - 1])
    before["nan"], after["nan"] = np.array([np.nan, 1.0]), np.array([np.nan, 3.0])
    written(here / "a.ckpt", before)
    written(here / "b.ckpt", after)
    found = parsed(declspore("diff", "a.ckpt", "b.ckpt", "--json"))
    rows = {row["name"]: (row["largest"], row["relative"]) for row in found["changed"]}
    assert rows.pop("large") == (1, pytest.approx(2.0**-62))
    assert rows.pop("low") == (2.0**64, pytest.approx(2))
    assert rows.pop("nan") == (2, pytest.approx(2))
    assert rows.pop("Bool") == (1, 1)
    assert rows == dict.fromkeys(rows, (1, pytest.approx(1 / 3)))
    assert len(rows) == len(DTYPES) - 3


def test_diff_of_equals(declspore, here):
    """The order of entries and the format make no difference."""
    with opened(LENET) as file:
        values = {entry.name: file.array(entry.name) for entry in reversed(file.entries)}
    written(here / "x.safetensors", values, format=SAFETENSORS)
    done = declspore("diff", LENET, "x.safetensors")
    assert (done.returncode, done.stdout) == (0, "19 equal\n")


def test_diff_of_equal_bytes_pairs_names(declspore, here):
    zeros = {f"moments.l{i}.weight": np.zeros((3, 3)) for i in range(4)}
    renamed = {f"net.{name}": value for name, value in reversed(zeros.items())}
    written(here / "a.ckpt", zeros)
    written(here / "b.ckpt", renamed)
    found = parsed(declspore("diff", "a.ckpt", "b.ckpt", "--json"))
    assert [(row["from"], row["to"]) for row in found["renamed"]] == [
        (name, f"net.{name}") for name in zeros
    ]


def test_diff_of_many_equal_bytes(here):
    """By the square of their number this would take minutes."""
    names = [f"moment1.backbone.layers.{i}.attention.weight" for i in range(20_000)]
    zero = np.zeros(1, np.int8)
    written(here / "a.ckpt", dict.fromkeys(names, zero))
    written(here / "b.ckpt", {f"net.{name}": zero for name in reversed(names)})
    with opened(here / "a.ckpt") as one, opened(here / "b.ckpt") as other:
        found = compare(one, other)
    assert [(a.name, b.name) for a, b in found.renamed] == [(n, f"net.{n}") for n in names]


def test_diff_with_nothing_there(declspore, here):
    done = declspore("diff", LENET, "nothing.ckpt")
    assert (done.returncode, codes(done)) == (2, ["E501"])
