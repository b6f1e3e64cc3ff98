"""What `verify` finds by a lock, digests a spec states, and that they are the same anywhere."""

import json
import os
import subprocess
import sys

import numpy as np

from tests.conftest import GOLDEN
from tests.lock.support import EDIT, b3, change, lock, other_import, run, sha256


def test_verify(recipe):
    run("run", "edit.spec")
    done = run("verify", "edit.spec")
    assert done.stdout.splitlines() == [
        "edit.spec: spec, same",
        "shapes.spec: import, same",
        "in/net.ckpt: input of first, same",
        "out/first.ckpt: output of first, same",
        "out/second.safetensors: output of second, same",
    ]
    (recipe / "in" / "net.ckpt").unlink()
    done = run("verify", "edit.spec.lock")
    assert "in/net.ckpt: input of first, not there, not checked" in done.stdout


def test_verify_finds(recipe):
    """What is missing and what changed, all of it, and in which tensor."""
    run("run", "edit.spec")
    change("out/second.safetensors", "neck.bias")
    change("in/net.ckpt", "fc3.bias")
    other_import(recipe)
    done = run("verify", "edit.spec", status=3)
    assert done.stderr.count("error[E603]") == 3
    assert "neck.bias  f32[120], other values" in done.stderr
    assert "fc3.bias  f32[10], other values" in done.stderr
    assert "the spec is not the one the lock was written for" in done.stderr
    (recipe / "out" / "first.ckpt").unlink()
    (recipe / "out" / "second.safetensors").write_text("something else")
    told = json.loads(run("verify", "edit.spec", "--json", status=2).stdout)
    states = {(file["file"], file["state"]) for file in told["files"] if file["role"] == "output"}
    assert states == {("out/first.ckpt", "missing"), ("out/second.safetensors", "differs")}
    assert not told["ok"]


def test_verify_in_place(recipe):
    """An input that was replaced by its own output is checked as the output it is now."""
    text = EDIT.split("edit second", maxsplit=1)[0].replace("out/first", "in/net")
    (recipe / "edit.spec").write_text(text)
    run("run", "edit.spec", "--in-place")
    first = lock()["tasks"]["first"]
    assert first["inputs"][0]["blake3"] == b3(GOLDEN / "lenet-1_5.ckpt")
    assert first["outputs"][0]["blake3"] == b3("in/net.ckpt")
    run("verify", "edit.spec")
    done = run("run", "--locked", "edit.spec", "--in-place", status=2)
    assert "error[E585]" in done.stderr or "error[E603]" in done.stderr


def test_verify_without_a_lock(recipe):
    assert "[E581]" in run("verify", "edit.spec", status=2).stderr


def test_stated_digest(recipe):
    right = sha256("in/net.ckpt")
    text = EDIT.replace('"in/net.ckpt"', f'"in/net.ckpt", sha256 = "{right.upper()}"')
    (recipe / "edit.spec").write_text(text)
    for option in ("--no-lock", "-q"):
        run("run", option, "edit.spec", "first")
    change("in/net.ckpt", "fc2.bias")
    (recipe / "out" / "first.ckpt").unlink()
    for option in ("--no-lock", "-q"):
        done = run("run", option, "edit.spec", "first", status=2)
        assert "[E586]" in done.stderr
        assert f'= help: sha256 = "{sha256("in/net.ckpt")}"' in done.stderr
    assert not (recipe / "out" / "first.ckpt").exists()


def test_stated_digest_of_an_output(recipe):
    wrong = "0" * 64
    text = EDIT.replace('"out/first.ckpt"', f'"out/first.ckpt", sha256 = "{wrong}"')
    (recipe / "edit.spec").write_text(text)
    done = run("run", "--no-lock", "edit.spec", "first", status=2)
    assert "[E586]" in done.stderr
    assert not (recipe / "out" / "first.ckpt").exists()
    found = done.stderr.split('help: sha256 = "')[1].split('"')[0]
    (recipe / "edit.spec").write_text(text.replace(wrong, found))
    run("run", "--no-lock", "edit.spec", "first")


def test_a_digest_that_is_none(recipe):
    text = EDIT.replace('"in/net.ckpt"', '"in/net.ckpt", sha256 = "abc"')
    (recipe / "edit.spec").write_text(text)
    assert "expected a SHA-256, 64 hexadecimal digits" in run("check", "edit.spec", status=1).stderr


MACHINE = "spec 1\n" + "".join(
    f"""
edit e{index} {{
  in src  = ckpt("net.ckpt")
  out dst = {file}
  delete src.`moments.**`
  rename src.`fc{{i:int}}.{{p}}` -> `dense{{i}}.{{p}}`
  add `a` = normal([300, 40], std = 0.02, seed = 3)
  add `b` = uniform([70], low = 0.0, high = 1.0, seed = 3)
  set src.`conv1.weight` = zeros([2, 2], dtype = f16)
  set src.`fc2.weight` = it @ src.`fc1.weight` @ transpose(src.`fc1.weight`, [1, 0])
  set src.`fc3.weight` = it / sum(it * it) + mean(src.`fc1.weight`)
  add `c` = npy("c.npy")
}}
"""
    for index, file in enumerate(
        ['ckpt("o", crc = true)', 'safetensors("o.safetensors")', 'npz("o.npz")']
    )
)


def test_the_same_bytes_on_any_machine(here):
    """Whatever the number of threads, the seed of hashes, the time and the working folder."""
    found = []
    for threads, seed, zone in (("1", "0", "UTC"), ("4", "77", "Asia/Tokyo")):
        folder = here / threads
        folder.mkdir()
        (folder / "e.spec").write_text(MACHINE)
        (folder / "net.ckpt").write_bytes((GOLDEN / "lenet-1_5.ckpt").read_bytes())
        np.save(folder / "c.npy", np.linspace(0, 1, 9, dtype=np.float32))
        os.utime(folder / "net.ckpt", (int(seed), int(seed)))
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
        }
        command = [sys.executable, "-m", "declspore", "run", "e.spec"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert len(found[0]) == 7
    assert found[0] == found[1]
