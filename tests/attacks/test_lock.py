"""Locks from a stranger: ``run --locked``, ``verify``, and the lock that a plain run adds to."""

import json
import os

import numpy as np
import pytest

from declspore.lock.digest import FileDigest
from declspore.lock.model import Lock, LockedFile, LockedTask, LockedText
from declspore.lock.read import lock_of
from declspore.lock.store import lock_text, read_lock, write_lock
from declspore.report import DiagnosticError
from tests.attacks.support import attacked, diagnosed

DIGEST = "0" * 64


def text(**changes):
    return {"path": "own.spec", "blake3": DIGEST} | changes


def file(**changes):
    return {"name": "src", "path": "a.npz", "size": 1, "blake3": DIGEST} | changes


def task(**changes):
    return {"kind": "edit", "versions": {}, "inputs": [file()], "outputs": []} | changes


def lock(**changes):
    whole = {"lock": 2, "spec": text(), "imports": [], "params": {}, "tasks": {"e": task()}}
    return json.dumps(whole | changes).encode()


def with_file(**changes):
    return lock(tasks={"e": task(inputs=[file(**changes)])})


TENSOR = {"dtype": "Float32", "shape": [1], "blake3": DIGEST}
ATTACKS = {
    "nothing": b"",
    "not UTF-8": b"\xff\xfe",
    "not JSON": b"{",
    "nested lists": b"[" * 200_000,
    "nested objects": b'{"lock":' * 200_000,
    "nested where a name belongs": lock().replace(b'"e": {', b'"e": ' + b"[" * 90_000 + b"{"),
    "another version": lock(lock=3),
    "version of a list": lock(lock=[1]),
    "list": b"[]",
    "number": b"1e999",
    "infinite size": with_file().replace(b'"size": 1', b'"size": 1e999'),
    "named infinity": with_file().replace(b'"size": 1', b'"size": Infinity'),
    "not a number": with_file().replace(b'"size": 1', b'"size": NaN'),
    "long number": with_file().replace(b'"size": 1', b'"size": ' + b"9" * 5000),
    "large number": with_file(size=1 << 80),
    "negative size": with_file(size=-1),
    "fraction": with_file(size=1.5),
    "true": with_file(size=True),
    "infinite seed": lock(tasks={"e": task(seed=1)}).replace(b'"seed": 1', b'"seed": 1e999'),
    "infinite axis": with_file(tensors={"a": TENSOR | {"shape": [1]}}).replace(b"[1]", b"[1e999]"),
    "NUL in a path": with_file(path="a\0b"),
    "surrogates in a path": with_file(path="\udfff\ud800"),
    "half of a pair": with_file(path="\udfff"),
    "empty path": with_file(path=""),
    "path of a number": with_file(path=7),
    "NUL in the path of an import": lock(imports=[text(path="a\0b")]),
    "shipped and absolute": lock(imports=[text(path="/etc/passwd", shipped=True)]),
    "shipped and above": lock(imports=[text(path="../../x", shipped=True)]),
    "shipped and a word": lock(imports=[text(shipped="no")]),
    "digest of another length": with_file(blake3="00"),
    "digest with a line break": with_file(blake3=DIGEST[:-1] + "\n"),
    "digest that is not a text": with_file(blake3=None),
    "tensors in a list": with_file(tensors=[TENSOR]),
    "shape of a text": with_file(tensors={"a": TENSOR | {"shape": "11"}}),
    "inputs in an object": lock(tasks={"e": task(inputs={"a": file()})}),
    "tasks in a list": lock(tasks=[task()]),
    "params of numbers": lock(params={"a": 1}),
    "no spec": json.dumps({"lock": 2}).encode(),
    "spec of a text": lock(spec="own.spec"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_not_understood(name):
    with pytest.raises(DiagnosticError) as caught:
        lock_of(ATTACKS[name], "own.spec.lock")
    (found,) = caught.value.diagnostics
    assert found.code == "E582"
    assert len(found.title) < 200


@pytest.fixture
def spec(here):
    np.savez("a.npz", x=np.ones(3))
    (here / "own.spec").write_text(
        'spec 1\nedit e {\n  in src = npz("a.npz")\n  out dst = npz("b.npz")\n}\n'
    )
    return here


@pytest.mark.parametrize(
    "name", ["nested lists", "infinite size", "NUL in a path", "half of a pair"]
)
@pytest.mark.parametrize("command", ["run", "locked", "verify"])
def test_by_command(spec, name, command):
    """A plain run has done its work, and says that no lock was written."""
    (spec / "own.spec.lock").write_bytes(ATTACKS[name])
    arguments = {
        "run": ["run", "own.spec"],
        "locked": ["run", "own.spec", "--locked"],
        "verify": ["verify", "own.spec"],
    }[command]
    done = attacked(spec, *arguments)
    if command == "run":
        assert (done.returncode, done.codes) == (0, [])
        assert "W581" in done.stderr
        assert (spec / "b.npz").exists()
    else:
        diagnosed(done, "E582")


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "dangling", "large"])
@pytest.mark.parametrize("arguments", [["verify"], ["run"], ["run", "--locked"]])
def test_no_regular_file(spec, kind, arguments):
    path = spec / "own.spec.lock"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "dangling":
            path.symlink_to("nowhere")
        case "large":
            path.touch()
            os.truncate(path, 20 << 30)
    done = attacked(spec, *arguments, "own.spec", seconds=40)
    assert done.megabytes < 300
    if arguments == ["run"]:
        assert done.returncode == 0
    else:
        diagnosed(done, "E581" if kind == "dangling" else "E582")


@pytest.mark.parametrize("path", ["pipe", "/dev/zero", "/proc/self/mem", "folder"])
def test_files_that_a_lock_names(spec, path):
    """They are opened as any file is: without waiting, and only regular ones."""
    os.mkfifo(spec / "pipe")
    (spec / "folder").mkdir()
    (spec / "own.spec.lock").write_bytes(with_file(path=path))
    done = attacked(spec, "verify", "own.spec")
    assert done.returncode in (2, 3)


def test_names_of_other_encodings_are_recorded(here):
    """The file system allows what UTF-8 does not; the lock keeps it, and any terminal shows it."""
    name = os.fsdecode(b"caf\xe9.npz")
    digest = FileDigest(1, DIGEST)
    files = (LockedFile("src\x1b[2J", name, digest), LockedFile("b", "\u202egnp.exe", digest))
    tasks = {"e\x9b": LockedTask("edit", {}, files, ())}
    made = Lock("own.spec.lock", LockedText("own.spec", DIGEST), (), {"p": "\udcff"}, tasks)
    write_lock(made)
    assert read_lock("own.spec.lock") == made
    assert lock_text(made).replace("\n", "").isprintable()


def test_the_module_behind_apply_is_recorded(here, monkeypatch):
    """Code that a spec calls is an input like any other."""
    monkeypatch.syspath_prepend(str(here))
    np.savez("a.npz", x=np.ones(3))
    (here / "own_module.py").write_text("def same(x):\n    return x\n")
    (here / "own.spec").write_text(
        'spec 1\nedit e {\n  in src = npz("a.npz")\n  out dst = npz("b.npz")\n'
        '  set src.`x` = apply("own_module:same", [it])\n}\n'
    )
    env = {"PYTHONPATH": str(here)}
    assert attacked(here, "run", "own.spec", "--allow-python", env=env).returncode == 0
    locked = ["run", "own.spec", "--locked", "--allow-python"]
    assert attacked(here, *locked, env=env).returncode == 0
    (here / "own_module.py").write_text("def same(x):\n    return -x\n")
    diagnosed(attacked(here, *locked, env=env), "E585")


def test_all_modules_of_a_package_behind_apply_are_recorded(here, monkeypatch):
    """What it imports of its own package is code that is run, too."""
    monkeypatch.syspath_prepend(str(here))
    np.savez("a.npz", x=np.ones(3))
    (here / "own" / "deep").mkdir(parents=True)
    (here / "own" / "__init__.py").write_text("")
    (here / "own" / "calls.py").write_text("from own.deep.sign import of\n")
    (here / "own" / "deep" / "sign.py").write_text("def of(x):\n    return x\n")
    (here / "own.spec").write_text(
        'spec 1\nedit e {\n  in src = npz("a.npz")\n  out dst = npz("b.npz")\n'
        '  set src.`x` = apply("own.calls:of", [it])\n}\n'
    )
    env = {"PYTHONPATH": str(here)}
    assert attacked(here, "run", "own.spec", "--allow-python", env=env).returncode == 0
    inputs = {file.name: file.path for file in read_lock("own.spec.lock").tasks["e"].inputs}
    assert inputs["apply[0]/deep/sign.py"] == "own/deep/sign.py"
    assert set(inputs) == {"src", "apply[0]", "apply[0]/calls.py", "apply[0]/deep/sign.py"}
    locked = ["run", "own.spec", "--locked", "--allow-python"]
    assert attacked(here, *locked, env=env).returncode == 0
    (here / "own" / "deep" / "sign.py").write_text("def of(x):\n    return -x\n")
    diagnosed(attacked(here, *locked, env=env), "E585")
