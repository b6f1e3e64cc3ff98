"""Commands that check, convert, export and replace checkpoint files."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from declspore.checkpoint.reader import Access
from tests import warm
from tests.checkpoint import protobuf
from tests.checkpoint.support import opened, written
from tests.cli.support import LENET, SECRET, codes, parsed
from tests.conftest import GOLDEN, SPECS

pytestmark = pytest.mark.slow

# ---- verify


def test_verify(declspore, here):
    summed = written(here / "s.ckpt", {"a": np.ones(3)}, access=Access(crc=True))
    done = declspore("verify", LENET, summed)
    assert done.returncode == 0
    assert re.search(
        r"lenet-1_5\.ckpt: 19 entries, .*, whole, no CRC, all values finite", done.stdout
    )
    assert re.search(r"s\.ckpt: 1 entry, .*, whole, CRC right, all values finite", done.stdout)
    found = parsed(declspore("verify", LENET, summed, "--json"))
    assert [file["ok"] for file in found["files"]] == [True, True]


def test_verify_damage(declspore, here):
    """Every fault of every file at once; damage weighs more than values that are not finite."""
    summed = written(here / "s.ckpt", {"a": np.ones(300)}, access=Access(crc=True))
    data = bytearray(summed.read_bytes())
    data[-200] ^= 64
    summed.write_bytes(data)
    written(here / "n.ckpt", {"a": np.array([1, np.nan, np.inf]), "n": np.arange(3)})
    done = declspore("verify", "s.ckpt", "n.ckpt", LENET)
    assert (done.returncode, codes(done)) == (2, ["E518", "E602"])
    assert "2 elements of f64[3] are not finite" in done.stderr
    assert "lenet-1_5.ckpt: 19 entries" in done.stdout
    done = declspore("verify", "n.ckpt")
    assert (done.returncode, codes(done)) == (3, ["E602"])
    assert declspore("verify", "n.ckpt", "--no-finite").returncode == 0
    found = parsed(declspore("verify", "s.ckpt", "n.ckpt", "--json"))
    assert [file["ok"] for file in found["files"]] == [False, False]


# ---- convert


def test_convert_round(declspore, here, monkeypatch):
    """Through every format and protection and back."""
    monkeypatch.setenv("SECRET", SECRET)
    (here / "key").write_text(SECRET + "\n")
    steps = [
        (str(LENET), "a.safetensors", []),
        ("a.safetensors", "b.npz", []),
        ("b.npz", "c.ckpt", ["--new-key-env", "SECRET", "--mode", "AES-CBC", "--crc"]),
        ("c.ckpt", "d.safetensors", ["--key-file", "key", "--crc"]),
        ("d.safetensors", "e.ckpt", []),
    ]
    for source, target, options in steps:
        done = declspore("convert", source, target, *options)
        assert done.returncode == 0, done.stderr
        assert f"wrote {target}: 19 entries" in done.stdout
    assert declspore("diff", LENET, "e.ckpt").returncode == 0


def test_convert_in_place(declspore, here):
    written(here / "x.ckpt", {"a": np.arange(9)})
    before = (here / "x.ckpt").read_bytes()
    done = declspore("convert", "x.ckpt", "x.ckpt", "--crc")
    assert (done.returncode, codes(done)) == (2, ["E521"])
    (here / "link.ckpt").symlink_to("x.ckpt")
    done = declspore("convert", "x.ckpt", "link.ckpt", "--crc")
    assert (done.returncode, codes(done)) == (2, ["E521"])
    assert (here / "x.ckpt").read_bytes() == before
    done = declspore("convert", "x.ckpt", "x.ckpt", "--crc", "--in-place", "--json")
    assert parsed(done)["ok"]
    assert (here / "x.ckpt").read_bytes()[: len(before)] == before
    assert opened(here / "x.ckpt", Access(crc=True)).array("a").tolist() == list(range(9))


def test_convert_weights(declspore, here):
    """A checkpoint into Keras weights and back; it is said that optimizer state stays behind."""
    network = f"{SPECS / 'lenet.spec'}:LeNet5"
    done = declspore("convert", LENET, "net.weights.h5", "--network", network)
    assert done.returncode == 0, done.stderr
    assert "optimizer" in done.stderr
    done = declspore("convert", "net.weights.h5", "back.ckpt", "--network", f"{network}()")
    assert done.returncode == 0, done.stderr
    with opened(LENET) as before, opened(here / "back.ckpt") as after:
        assert len(after) == 8
        for entry in after:
            np.testing.assert_array_equal(after.array(entry.name), before.array(entry.name))
    done = declspore("convert", "net.weights.h5", "other.ckpt", "--network", f"{network}(3)")
    assert (done.returncode, codes(done)) == (2, ["E526"])
    reason = "the network cannot load it: fc3 has (84, 3) where the file has (84, 10)"
    assert done.stderr.splitlines()[0].endswith(reason), "and no warning of Keras before it"


LIMITED = """
import resource, signal, sys
from declspore.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
main()
"""


@pytest.mark.parametrize("command", ["convert", "export"])
def test_a_full_disk_for_files_of_keras(here, command):
    """Keras writes them elsewhere first: an error, and the old file."""
    network = f"{SPECS / 'lenet.spec'}:LeNet5"
    target = here / ("x.weights.h5" if command == "convert" else "x.keras")
    target.write_text("old")
    files = [LENET, target, "--network", network]
    files = files if command == "convert" else [network, LENET, target]
    # Python leaves compiled modules behind that are cut off there
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = warm.ours().run("-c", LIMITED, command, *files, env=environment)
    assert (done.returncode, codes(done)) == (2, ["E520"])
    assert "File too large" in done.stderr
    assert target.read_text() == "old"
    assert os.listdir(here) == [target.name]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([LENET, "x.unknown"], 2, "E525"),
        ([LENET, "x.safetensors", "--new-key-env", "SECRET"], 2, "E529"),
        ([LENET, "x.npz", "--crc"], 2, "E529"),
        ([LENET, "x.ckpt", "--mode", "AES-CBC"], 2, "--new-key-env"),
        ([LENET, "x.weights.h5"], 2, "--network"),
        ([LENET, "x.ckpt", "--network", "a.spec:B"], 2, "--network and --set are for"),
        ([LENET, "x.weights.h5", "--network", "nothing.spec:A"], 2, "E511"),
        ([LENET, "x.weights.h5", "--network", f"{SPECS / 'lenet.spec'}:Lenet"], 1, "E203"),
        ([GOLDEN / "kinds.ckpt", "x.safetensors"], 2, "E523"),
        (
            [GOLDEN / "edited.ckpt", "x.weights.h5", "--network", f"{SPECS / 'lenet.spec'}:LeNet5"],
            2,
            "E53",
        ),
    ],
)
def test_convert_mistakes(declspore, here, monkeypatch, arguments, status, said):
    monkeypatch.setenv("SECRET", SECRET)
    done = declspore("convert", *arguments)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    codes(done)
    assert os.listdir(here) == []


def test_key_files_of_every_command(declspore, here, monkeypatch):
    """Encrypted with the key of a file, read with that file and with a variable."""
    monkeypatch.setenv("SECRET", SECRET)
    (here / "key").write_text(SECRET)
    (here / "other").write_text("another key 1234")
    done = declspore("convert", LENET, "x.ckpt", "--new-key-file", "key", "--mode", "SM4-CBC")
    assert done.returncode == 0, done.stderr
    for command in (["diff", LENET, "x.ckpt"], ["verify", "x.ckpt"], ["inspect", "x.ckpt"]):
        for key in (["--key-file", "key"], ["--key-env", "SECRET"]):
            done = declspore(*command, *key, "--json")
            assert (done.returncode, parsed(done)["ok"]) == (0, True), done.stderr
        done = declspore(*command)
        assert (done.returncode, codes(done)) == (2, ["E514"])
        done = declspore(*command, "--key-file", "other")
        assert (done.returncode, codes(done)) == (2, ["E516"])
    assert SECRET not in declspore("verify", "x.ckpt", "--key-file", "other", "--json").stdout


@pytest.mark.parametrize("command", ["inspect", "diff", "verify", "convert"])
def test_help_tells_every_option(declspore, command):
    """What it does first, then each option with what it is for."""
    done = declspore(command, "--help")
    assert done.returncode == 0
    options = re.findall(r"^  (?:-\w, )?--([a-z-]+)[^\n]*(?:\n {10,}\S[^\n]*)?", done.stdout, re.M)
    assert {"json", "key-env", "key-file", "help"} <= set(options)
    for line in done.stdout.partition("Options:")[2].strip().split("\n  -"):
        assert re.search(r"\s{2,}\S.*\.", line), line


# ---- edits in place


EDIT = """spec 1
edit e {
  in src  = ckpt("x.ckpt")
  out dst = ckpt("x.ckpt")
  delete src.`a`
}
"""


def test_edit_in_place(declspore, here):
    written(here / "x.ckpt", {"a": np.ones(2), "b": np.arange(4)})
    (here / "e.spec").write_text(EDIT)
    before = (here / "x.ckpt").read_bytes()
    done = declspore("run", "e.spec")
    assert (done.returncode, codes(done)) == (2, ["E546"])
    assert (here / "x.ckpt").read_bytes() == before
    assert declspore("plan", "e.spec", "--in-place").returncode == 0
    done = declspore("run", "e.spec", "--in-place")
    assert done.returncode == 0, done.stderr
    with opened(here / "x.ckpt") as file:
        assert [entry.name for entry in file] == ["b"]
    assert sorted(os.listdir(here)) == ["e.spec", "e.spec.lock", "x.ckpt"]


BOUNDED = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "declspore", *sys.argv[1:]], stdout=subprocess.PIPE)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def test_memory_of_an_edit(here):
    """A file of half a GiB with one value renamed and one deleted, in under 150 MiB."""
    head = written(here / "head.ckpt", {"a": np.ones(9)}).read_bytes()
    large = here / "large.ckpt"
    with open(large, "wb") as file:
        file.write(head)
        for name in ("b", "c"):
            dims, count = (1 << 16, 1 << 10), 1 << 28
            file.write(protobuf.head(name, dims, "Float32", count))
            file.seek(count, os.SEEK_CUR)
        file.truncate()
    edit = EDIT.replace("x.ckpt", "large.ckpt", 1).replace(
        "delete", "rename src.`b` -> `d`\n  delete"
    )
    (here / "e.spec").write_text(edit)
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, "run", "e.spec"], capture_output=True, text=True, cwd=here
    )
    status, megabytes = map(int, done.stdout.split())
    assert status == 0
    assert megabytes < 150
    with opened(here / "x.ckpt") as file:
        assert [entry.name for entry in file] == ["d", "c"]
    large.unlink()
    (here / "x.ckpt").unlink()


def test_export(declspore, here):
    """A checkpoint into a model of Keras's own layers; it is said that optimizer state stays."""
    network = f"{SPECS / 'lenet.spec'}:LeNet5"
    done = declspore("export", network, LENET, "lenet.keras")
    assert done.returncode == 0, done.stderr
    assert "lenet.keras: 8 parameters" in done.stdout
    assert "left out" in done.stderr
    assert "moments.conv1.weight" in done.stderr
    last = declspore(
        "export", network, LENET, "last.keras", "--data-format", "channels_last", "--json"
    )
    assert json.loads(last.stdout)["parameters"] == 8
    import keras

    x = np.random.default_rng(0).normal(size=(2, 1, 32, 32)).astype(np.float32)
    first, last = (keras.models.load_model(f"{name}.keras") for name in ("lenet", "last"))
    expected = first.predict_on_batch(x)
    np.testing.assert_allclose(last.predict_on_batch(x.transpose(0, 2, 3, 1)), expected, rtol=1e-5)
    with opened(LENET) as file:
        bias = first.get_layer("fc3").bias.numpy()
        np.testing.assert_array_equal(bias, file.array("fc3.bias"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x:LeNet5", LENET, "x.keras"], 2, "FILE.spec:NAME"),
        ([f"{SPECS / 'lenet.spec'}:LeNet5", LENET, "x.h5"], 2, ".keras"),
        ([f"{SPECS / 'lenet.spec'}:LeNet5(11)", LENET, "x.keras"], 2, "fc3.weight"),
        ([f"{SPECS / 'lenet.spec'}:LeNet5", "none.ckpt", "x.keras"], 2, "none.ckpt"),
    ],
)
def test_export_refuses(declspore, here, arguments, code, said):
    done = declspore("export", *arguments)
    assert done.returncode == code, done.stdout
    assert said in done.stderr
    assert not list(here.iterdir())


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", ["fc", "dense_3"])
def test_convert_weights_of_keras_2(declspore, here, name, whole):
    """A group for each layer: layers are found by name, else in their order."""
    import h5py

    (here / "mlp.spec").write_text(
        "spec 1\nnetwork Mlp() {\n  fc = Dense(4, 3)\n  construct(x: f32[B, 4]) = fc(x)\n}\n"
    )
    kernel, bias = np.arange(12, dtype=np.float32).reshape(4, 3), np.ones(3, np.float32)
    with h5py.File("mlp.h5", "w") as file:
        root = file.create_group("model_weights") if whole else file
        root.attrs["layer_names"] = [b"input_1", name.encode()]
        root.attrs["backend"], root.attrs["keras_version"] = b"tensorflow", b"2.15.0"
        root.create_group("input_1").attrs["weight_names"] = []
        group = root.create_group(name)
        names = [f"{name}/kernel:0", f"{name}/bias:0"]
        group.attrs["weight_names"] = [each.encode() for each in names]
        group[names[0]], group[names[1]] = kernel, bias
    done = declspore("convert", "mlp.h5", "fc.ckpt", "--network", "mlp.spec:Mlp")
    assert done.returncode == 0, done.stderr
    with opened(here / "fc.ckpt") as found:
        np.testing.assert_array_equal(found.array("fc.weight"), kernel.T)
        np.testing.assert_array_equal(found.array("fc.bias"), bias)
