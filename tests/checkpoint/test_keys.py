"""Keys of encrypted files: from the environment or a file, in a spec only by name."""

import base64
import os

import numpy as np
import pytest

from declspore import Tensor
from declspore.checkpoint.cipher import Key
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.report import DiagnosticError
from declspore.serialization import load_checkpoint, save_checkpoint
from tests.checkpoint.support import opened, written

SECRET = bytes(range(100, 116))
SPELLINGS = {
    "bytes": SECRET,
    "line": SECRET + b"\n",
    "dos line": SECRET + b"\r\n",
    "hex": b"hex:" + SECRET.hex().encode(),
    "base64": b"base64:" + base64.b64encode(SECRET) + b"\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings(tmp_path, monkeypatch, spelling):
    monkeypatch.setitem(os.environb, b"THE_KEY", SPELLINGS[spelling])
    (tmp_path / "key").write_bytes(SPELLINGS[spelling])
    assert read_key(env="THE_KEY") == Key(SECRET, "THE_KEY")
    path = str(tmp_path / "key")
    assert read_key(file=path) == Key(SECRET, path)


def test_no_key_is_named():
    assert read_key() is None


@pytest.mark.parametrize("content", [b"hex:zz", b"base64:!", b"hex:\xff"])
def test_misspelled(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(DiagnosticError) as caught:
        read_key(file=str(tmp_path / "key"))
    assert caught.value.diagnostics[0].code == "E513"
    assert content.decode("latin-1") not in caught.value.diagnostics[0].title


def test_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv("THE_KEY", raising=False)
    for source in ({"env": "THE_KEY"}, {"file": str(tmp_path / "no")}, {"file": str(tmp_path)}):
        with pytest.raises(DiagnosticError) as caught:
            read_key(**source)
        assert caught.value.diagnostics[0].code == "E513"


def test_keys_are_not_shown():
    assert SECRET.hex() not in repr(Key(SECRET, "x"))
    assert repr(SECRET)[2:-1] not in repr(Key(SECRET, "x"))


# ---- in Python


@pytest.mark.parametrize("mode", ["AES-GCM", "AES-CBC", "SM4-CBC"])
def test_in_python(tmp_path, mode):
    path = tmp_path / "net.ckpt"
    values = [{"name": "a", "data": Tensor(np.arange(5.0))}]
    save_checkpoint(values, path, enc_key=SECRET, enc_mode=mode, crc_check=True)
    found = load_checkpoint(path, dec_key=SECRET, dec_mode=mode, crc_check=True)
    np.testing.assert_array_equal(found["a"].asnumpy(), np.arange(5.0))
    with pytest.raises(DiagnosticError) as caught:
        load_checkpoint(path)
    assert caught.value.diagnostics[0].code == "E514"


def test_a_key_for_a_plain_file(tmp_path):
    """Stated in Python or a spec it is an error; a command may be given files of both kinds."""
    path = written(tmp_path / "plain.ckpt", {"a": np.ones(2)})
    with pytest.raises(DiagnosticError) as caught:
        load_checkpoint(path, dec_key=SECRET)
    assert caught.value.diagnostics[0].code == "E528"
    assert opened(path, Access(Key(SECRET, "x"))).mode is None


# ---- in a spec


SPEC = """spec 1
edit protect {{
  in src  = ckpt("plain.ckpt", crc = true)
  out dst = ckpt("secret.ckpt", key_env = "THE_KEY", mode = "AES-CBC", crc = true)
  delete src.`a`
  ensure finite(dst.`**`)
}}
edit open {{
  in src  = ckpt("secret.ckpt", key_file = "{}", crc = true)
  out dst = safetensors("open.safetensors", crc = true)
  rename src.`b` -> `c`
}}
"""


def test_in_a_spec(declspore, here, monkeypatch):
    written(here / "plain.ckpt", {"a": np.ones(3), "b": np.arange(4)}, access=Access(crc=True))
    (here / "key").write_bytes(SECRET)
    (here / "s.spec").write_text(SPEC.format("key"))
    monkeypatch.setenv("THE_KEY", SECRET.decode())
    done = declspore("run", "s.spec")
    assert done.returncode == 0, done.stderr
    with opened(here / "open.safetensors", Access(crc=True)) as file:
        assert file.array("c").tolist() == [0, 1, 2, 3]
    with opened(here / "secret.ckpt", Access(Key(SECRET, "x"))) as file:
        assert file.mode == "AES-CBC"
    (here / "secret.ckpt").unlink()
    monkeypatch.delenv("THE_KEY")
    done = declspore("run", "s.spec", "protect")
    assert done.returncode == 2
    assert "error[E513]: the environment variable THE_KEY is not set" in done.stderr
    assert not (here / "secret.ckpt").exists()
