"""Keras's weights from a stranger: ``convert NET.weights.h5 NET.ckpt``."""

import h5py
import numpy as np
import pytest

from declspore.check.check import check
from declspore.report import DiagnosticError
from declspore.run.h5 import check_h5
from declspore.source import Source
from tests.attacks.support import SECRET, attacked, diagnosed

SPEC = """spec 1
network Net() {
  fc = Dense(2, 3)
  construct(x: f32[B, 2]) = fc(x)
}
"""
MOST = 4096


def external_storage(file, folder):
    space = h5py.h5s.create_simple((3, 2))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_external(str(folder / "secret").encode(), 0, 24)
    group = file.create_group("layers/dense/vars")
    h5py.h5d.create(group.id, b"0", h5py.h5t.NATIVE_FLOAT, space, plist)


def external_link(file, folder):
    file.create_group("layers/dense")["vars"] = h5py.ExternalLink(str(folder / "other.h5"), "/v")


def external_link_to_the_root(file, folder):
    file["layers"] = h5py.ExternalLink(str(folder / "other.h5"), "/")


def soft_link(file, folder):
    file["layers"] = h5py.SoftLink("/elsewhere")


def virtual_dataset(file, folder):
    layout = h5py.VirtualLayout(shape=(3, 2), dtype="f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "v", shape=(3, 2))
    file.create_virtual_dataset("layers/dense/vars/0", layout)


def deep_inside(file, folder):
    external_storage(file.create_group("/".join("abcdefgh")), folder)


def cycle_and_link(file, folder):
    file.create_group("a")["itself"] = file["/"]
    file["a/z"] = h5py.ExternalLink("other.h5", "/v")


def a_tebibyte_of_nothing(file, folder):
    file.create_dataset("layers/dense/vars/0", (1 << 38,), "f4", chunks=(1 << 20,))


def a_deflated_bomb(file, folder):
    file.create_dataset("v", data=np.zeros(1 << 24, "f4"), chunks=(1 << 20,), compression=9)


def texts_of_any_length(file, folder):
    file.create_dataset("v", data=["x" * 1000] * 9, dtype=h5py.string_dtype())


def references(file, folder):
    file.create_dataset("v", (2,), h5py.ref_dtype)


ATTACKS = [
    external_storage,
    external_link,
    external_link_to_the_root,
    soft_link,
    virtual_dataset,
    deep_inside,
    cycle_and_link,
    a_tebibyte_of_nothing,
    a_deflated_bomb,
    texts_of_any_length,
    references,
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["v"] = np.frombuffer(SECRET.encode()[:20], "u1")
    (tmp_path / "net.spec").write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_refused_before_a_value_is_read(folder, attack):
    path = folder / "x.weights.h5"
    with h5py.File(path, "w") as file:
        attack(file, folder)
    with pytest.raises(DiagnosticError) as caught:
        check_h5(str(path), MOST)
    assert [d.code for d in caught.value.diagnostics] == ["E526"]
    assert SECRET not in str(caught.value)


def test_whatever_keras_is_there(folder, monkeypatch):
    """The walk comes before Keras's own loader, not after it."""
    from declspore.run.weights import read_weights

    path = folder / "x.weights.h5"
    with h5py.File(path, "w") as file:
        external_storage(file, folder)
    monkeypatch.setattr("keras.Model.load_weights", lambda *_: pytest.fail("Keras was asked"))
    network = check(Source("net.spec", SPEC)).networks["Net"]
    with pytest.raises(DiagnosticError, match="another file"):
        read_weights(str(path), network, str(folder / "out.ckpt"), None, None)


@pytest.mark.slow
def test_by_command(folder):
    with h5py.File(folder / "x.weights.h5", "w") as file:
        external_storage(file, folder)
    arguments = ("convert", "x.weights.h5", "out.ckpt", "--network", "net.spec:Net")
    done = diagnosed(attacked(folder, *arguments), "E526")
    assert "another file" in done.stderr
    assert not (folder / "out.ckpt").exists()


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(4096)])
def test_what_is_no_hdf5(folder, content):
    path = folder / "x.weights.h5"
    path.write_bytes(content)
    with pytest.raises(DiagnosticError) as caught:
        check_h5(str(path), MOST)
    assert caught.value.diagnostics[0].code == "E526"


def test_every_cut_of_a_good_file_is_answered(folder):
    path = folder / "x.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.zeros((2, 3), "f4")
    whole = path.read_bytes()
    found = set()
    for end in range(0, len(whole), 37):
        path.write_bytes(whole[:end])
        with pytest.raises(DiagnosticError) as caught:
            check_h5(str(path), MOST)
        found.add(caught.value.diagnostics[0].code)
    assert found == {"E526"}
