"""Sources against files as published, and against MindSpore's own datasets."""

import hashlib
import json
import pickle

import cv2
import numpy as np
import pytest

from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from tests.data.support import items, stream, term


def _columns(pipeline: str):
    """Every column of data and of labels, whole."""
    found = items(f"{pipeline} |> batch(1000)")
    assert len(found) == 1
    data, labels = found[0]
    return [*(data if isinstance(data, tuple) else (data,)), *_several(labels)]


def _several(labels):
    return labels if isinstance(labels, tuple) else (labels,)


def _size(text: str) -> int:
    found = term(text)
    return vocabulary().of(SourceKind, found.word).size(found.arguments)


def _refused(text: str) -> str:
    def read() -> None:
        found = stream(text)
        with found.explained():
            list(found.epoch(1))

    with pytest.raises(Unavailable) as caught:
        read()
    return str(caught.value)


# ---- folders of pictures


def _picture(path, size=(20, 30), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)
    cv2.imwrite(str(path), image)
    return path.read_bytes()


@pytest.fixture
def flowers(here):
    names = ["rose/b.jpg", "rose/a.JPG", "daisy/c.png", "daisy/d.jpeg", "tulip/e.bmp"]
    found = {n: _picture(here / "flowers" / n, (20 + i, 30), i) for i, n in enumerate(names)}
    (here / "flowers" / "rose" / "notes.txt").write_text("no picture")
    (here / "flowers" / "rose" / ".hidden.jpg").write_text("no picture")
    (here / "flowers" / "readme.md").write_text("no class")
    return found


def test_a_folder_of_pictures(flowers):
    data, labels = _columns('ImageFolder("flowers")')
    order = ["daisy/c.png", "daisy/d.jpeg", "rose/a.JPG", "rose/b.jpg", "tulip/e.bmp"]
    assert data.tolist() == [flowers[name] for name in order]
    assert labels.tolist() == [0, 0, 1, 1, 2]
    kind = vocabulary().of(SourceKind, "ImageFolder")
    assert kind.classes(term('ImageFolder("flowers")').arguments) == ("daisy", "rose", "tulip")


def test_classes_may_be_chosen_and_numbered(flowers):
    chosen = 'class_indexing = ["tulip", "daisy"], extensions = [".bmp", ".png"]'
    data, labels = _columns(f'ImageFolder("flowers", {chosen})')
    assert data.tolist() == [flowers["daisy/c.png"], flowers["tulip/e.bmp"]]
    assert labels.tolist() == [1, 0]


def test_pictures_of_different_sizes_become_batches(flowers):
    for decode in ('ImageFolder("flowers") |> Decode()', 'ImageFolder("flowers", decode = true)'):
        ((images, _),) = items(f"{decode} |> Resize([8, 9]) |> batch(5)")
        assert (images.shape, images.dtype) == ((5, 8, 9, 3), np.uint8)
        single = items(f"{decode} |> Resize([8, 9])")
        np.testing.assert_array_equal([image for image, _ in single], images)
    shapes = [image.shape for image, _ in items('ImageFolder("flowers", true)')]
    assert shapes == [(22, 30, 3), (23, 30, 3), (21, 30, 3), (20, 30, 3), (24, 30, 3)]


def test_random_parts_are_the_same_from_any_place_and_in_any_batch(flowers):
    steps = "shuffle() |> RandomCropDecodeResize(8) |> RandomHorizontalFlip()"

    def images(size: int, epoch: int, skip: int = 0):
        found = stream(f'ImageFolder("flowers") |> repeat(3) |> {steps} |> batch({size})')
        return np.concatenate([x for x, _ in found.epoch(epoch, skip).as_numpy_iterator()])

    expected = images(2, 2)
    np.testing.assert_array_equal(images(5, 2), expected)
    np.testing.assert_array_equal(images(2, 2, 3), expected[6:])
    assert len(np.unique(images(15, 1), axis=0)) == 15
    assert not np.array_equal(images(15, 1), expected)


def test_a_damaged_picture_is_named(flowers, here):
    path = here / "flowers" / "rose" / "b.jpg"
    path.write_bytes(path.read_bytes()[:400])
    text = 'ImageFolder("flowers", damaged = "{0}") |> Decode() |> Resize([8, 9]) |> batch(2)'
    assert _refused(text.format("error")) == (
        "flowers/rose/b.jpg (item 3, class rose): the JPEG ends before its last byte"
    )
    assert sum(len(labels) for _, labels in items(text.format("skip"))) == 4
    assert (stream(text.format("skip")).damaged, stream(text.format("error")).damaged) == (1, 0)
    kind = vocabulary().of(SourceKind, "ImageFolder")
    arguments = term('ImageFolder("flowers", damaged = "skip")').arguments
    assert (kind.size(arguments), kind.damaged(arguments)) == (4, 1)


def test_folders_that_cannot_be_used(flowers, here):
    assert "cannot be read: No such file" in _refused('ImageFolder("none")')
    assert "does not have a folder" in _refused('ImageFolder("flowers/rose")')
    reason = _refused('ImageFolder("flowers", class_indexing = ["rose", "lily"])')
    assert "does not have the folder lily; there are daisy, rose, tulip" in reason
    (here / "flowers" / "empty").mkdir()
    assert "flowers/empty does not have a picture" in _refused('ImageFolder("flowers")')
    for path in (here / "one" / "a" / "x.jpg", here / "one" / "a" / "y.jpg"):
        _picture(path)
        path.write_bytes(b"nothing")
    assert "all 2 pictures of one are damaged" in _refused('ImageFolder("one", damaged = "skip")')


# ---- CIFAR


@pytest.fixture
def cifar(here):
    generator = np.random.default_rng(0)
    folders = {name: here / name for name in ("b10", "p10", "b100", "p100")}
    for folder in folders.values():
        folder.mkdir()
    images = {}
    parts = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "train", "test"]
    for name in parts:
        rows = generator.integers(0, 256, (4, 3072)).astype(np.uint8)
        coarse = generator.integers(0, 10, 4).astype(np.uint8)
        fine = generator.integers(0, 100, 4).astype(np.uint8)
        images[name] = rows.reshape(4, 3, 32, 32).transpose(0, 2, 3, 1), coarse, fine
        if name in ("train", "test"):
            (folders["b100"] / f"{name}.bin").write_bytes(np.c_[coarse, fine, rows].tobytes())
            found = {"coarse_labels": coarse.tolist(), "fine_labels": fine.tolist(), "data": rows}
            (folders["p100"] / name).write_bytes(pickle.dumps(found))
        else:
            (folders["b10"] / f"{name}.bin").write_bytes(np.c_[coarse, rows].tobytes())
            found = {"labels": coarse.tolist(), "data": rows, "batch_label": "x"}
            (folders["p10"] / name).write_bytes(pickle.dumps(found))
    (folders["b10"] / "batches.meta.txt").write_text("plane\ncar\n\n")
    (folders["p10"] / "batches.meta").write_bytes(pickle.dumps({"label_names": ["plane", "car"]}))
    return images


@pytest.mark.parametrize("folder", ["b10", "p10"])
def test_cifar10(cifar, folder):
    data, labels = _columns(f'Cifar10("{folder}")')
    expected = [cifar[name] for name in cifar if "batch" in name]
    np.testing.assert_array_equal(data, np.concatenate([part[0] for part in expected]))
    np.testing.assert_array_equal(labels, np.concatenate([part[1] for part in expected]))
    test = _columns(f'Cifar10("{folder}", usage = "test") |> shuffle()')
    assert sorted(test[1]) == sorted(cifar["test_batch"][1])
    kind = vocabulary().of(SourceKind, "Cifar10")
    assert kind.classes(term(f'Cifar10("{folder}")').arguments) == ("plane", "car")


@pytest.mark.parametrize("folder", ["b100", "p100"])
def test_cifar100(cifar, folder):
    data, coarse, fine = _columns(f'Cifar100("{folder}", usage = "train", labels = "both")')
    for found, expected in zip((data, coarse, fine), cifar["train"], strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(_columns(f'Cifar100("{folder}", "train")')[1], fine)
    np.testing.assert_array_equal(_columns(f'Cifar100("{folder}", "train", "coarse")')[1], coarse)


def test_damaged_cifar(cifar, here):
    path = here / "b10" / "test_batch.bin"
    rows = path.read_bytes()
    path.write_bytes(rows[:-1])
    assert "is not a multiple of 3,073" in _refused('Cifar10("b10", usage = "test")')
    path.write_bytes(rows[:3073] + b"\x0b" + rows[3074:])
    assert "image 2: expected label below 10, found 11" in _refused(
        'Cifar10("b10", usage = "test")'
    )
    path.unlink()
    assert "does not have test_batch, with .bin or without" in _refused('Cifar10("b10", "test")')
    assert _size('Cifar10("b10", "train")') == 20


def test_a_pickle_that_python_3_wrote_again(cifar, here):
    path = here / "p10" / "test_batch"
    before = _columns('Cifar10("p10", usage = "test")')
    found = {name.encode(): value for name, value in pickle.loads(path.read_bytes()).items()}
    path.write_bytes(pickle.dumps(found))
    for one, other in zip(before, _columns('Cifar10("p10", usage = "test")'), strict=True):
        np.testing.assert_array_equal(one, other)
    del found[b"labels"]
    path.write_bytes(pickle.dumps(found))
    assert "it does not have 'labels'" in _refused('Cifar10("p10", usage = "test")')


def test_a_folder_of_damaged_arrays(here):
    """A plan reads the headers of the files of a folder, and how long these are."""
    (here / "rows").mkdir()
    np.save("rows/x.npy", np.zeros((10, 4), np.float32))
    whole = (here / "rows" / "x.npy").read_bytes()
    (here / "rows" / "x.npy").write_bytes(whole[:-1])
    reason = _refused('NumpySlices("rows", [Column("x", [4])])')
    assert reason == "rows/x.npy ends early: it states 160 bytes of values and has 159"
    (here / "rows" / "x.npy").write_bytes(b"x" + whole[1:])
    reason = _refused('NumpySlices("rows", [Column("x", [4])])')
    assert reason.startswith("rows/x.npy is not a whole .npy file: ")


def test_a_pickle_calls_nothing(cifar, here):
    class Evil:
        def __reduce__(self):
            return (exec, ("open('called', 'w')",))

    (here / "p10" / "test_batch").write_bytes(pickle.dumps({"data": Evil()}))
    assert "builtins.exec has no place in it" in _refused('Cifar10("p10", usage = "test")')
    assert not (here / "called").exists()


# ---- tables and texts

TABLE = (
    'width,height,"kind",name\r\n1.5,2,0,"a, b"\r\n-1,4e1,1,"two\nlines"\r\n\r\n0.25,6,2,plain\r\n'
)
COLUMNS = (
    '[Column("sizes", [2], fields = ["height", "width"]), Column("name", dtype = str)], '
    '[Column("kind", dtype = i32)]'
)


def test_a_table(here):
    (here / "a.csv").write_text(TABLE, newline="")
    (here / "b.csv").write_text("width,height,kind,name\n7,8,3,last", newline="")
    sizes, names, kinds = _columns(f'Csv("*.csv", {COLUMNS})')
    assert sizes.tolist() == [[2, 1.5], [40, -1], [6, 0.25], [8, 7]]
    assert names.tolist() == [b"a, b", b"two\nlines", b"plain", b"last"]
    assert kinds.tolist() == [0, 1, 2, 3]
    assert kinds.dtype == np.int32
    assert _size(f'Csv(["b.csv", "a.csv"], {COLUMNS})') == 4


def test_a_table_without_a_header(here):
    (here / "a.txt").write_text("1;true\n2;false\n")
    text = 'Csv("a.txt", [Column("x")], [Column("y", dtype = bool)], ";", ["x", "y"])'
    x, y = _columns(text)
    assert (x.tolist(), y.tolist()) == ([1, 2], [True, False])


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "a.csv is empty"),
        (
            "width,kind,name\n",
            "does not have the field height; its first line has width, kind, name",
        ),
        (TABLE + "1,2,3\n", "a.csv, line 6: expected 4 fields, found 3"),
        (
            TABLE + "1,x,3,n\n",
            "a.csv, line 6: expected f32 for height, found a text of 1 character",
        ),
        (TABLE + "1,2,3000000000,n\n", "a.csv, line 6: expected i32 for kind, found '3000000000'"),
        (TABLE + '1,2,3,"open\n', "a quote is opened and not closed"),
    ],
)
def test_tables_that_are_refused(here, table, reason):
    (here / "a.csv").write_text(table, newline="")
    assert reason in _refused(f'Csv("a.csv", {COLUMNS}) |> batch(9)')


def test_a_table_whose_quotes_are_characters(here):
    (here / "a.tsv").write_text('kind\ttext\n0\t"Gimme a few" was\n1\tit\'s 5" long\n')
    columns = '[Column("text", dtype = str)], [Column("kind", dtype = i32)], "\\t"'
    texts, kinds = _columns(f'Csv("a.tsv", {columns}, quoted = false)')
    assert (texts.tolist(), kinds.tolist()) == ([b'"Gimme a few" was', b"it's 5\" long"], [0, 1])
    assert "quote" in _refused(f'Csv("a.tsv", {columns}) |> batch(9)')


def test_tables_that_differ(here):
    (here / "a.csv").write_text("x,y\n1,2\n")
    (here / "b.csv").write_text("y,x\n1,2\n")
    reason = _refused('Csv(["a.csv", "b.csv"], [Column("x")])')
    assert reason == "the first line of b.csv has y, x; that of a.csv has x, y"


def test_lines_of_texts(here):
    (here / "a.txt").write_bytes(b"eins\r\n\nzwei drei\n")
    (here / "b.txt").write_bytes("vier äöü".encode())
    ((texts, labels),) = items('TextFile("[ab].txt") |> batch(9)')
    assert [text.decode() for text in texts] == ["eins", "zwei drei", "vier äöü"]
    assert labels == ()
    assert "no file is *.md" in _refused('TextFile("*.md")')


# ---- MindSpore reads the same

_READ = """
import hashlib, json
import numpy as np
import mindspore.dataset as ds
def columns(data, names):
    rows = list(data.create_dict_iterator(num_epochs=1, output_numpy=True))
    return [digest([row[name] for row in rows]) for name in names]
def digest(values):
    if np.asarray(values[0]).dtype.kind in "US":
        return [str(value) for value in values]
    digest = hashlib.sha256()
    for value in values:
        digest.update(np.asarray(value).astype("u1" if value.ndim else "f8").tobytes())
    return [len(values), digest.hexdigest()]
pictures = ds.ImageFolderDataset("flowers", shuffle=False, decode=True,
                                 extensions=[".jpg", ".JPG", ".jpeg", ".png", ".bmp"])
print(json.dumps([
    columns(pictures, ["image", "label"]),
    columns(ds.Cifar10Dataset("ten", "test", shuffle=False), ["image", "label"]),
    columns(ds.Cifar100Dataset("hundred", "test", shuffle=False),
            ["image", "coarse_label", "fine_label"]),
    columns(ds.CSVDataset("t.csv", column_defaults=[0.0, 0], shuffle=False), ["x", "y"]),
    columns(ds.TextFileDataset("t.csv", shuffle=False), ["text"]),
]))
"""


def _digest(values):
    values = [np.asarray(value) for value in values]
    if values[0].dtype.kind in "OS":
        return [value.item().decode() for value in values]
    digest = hashlib.sha256()
    for value in values:
        digest.update(value.astype("u1" if value.ndim else "f8").tobytes())
    return [len(values), digest.hexdigest()]


@pytest.mark.mindspore
def test_the_same_rows_as_mindspore(flowers, here, mindspore):
    generator = np.random.default_rng(0)
    (here / "ten").mkdir()
    (here / "hundred").mkdir()
    pixels = generator.integers(0, 256, (10_000, 3072)).astype(np.uint8)
    labels = generator.integers(0, 10, (10_000, 2)).astype(np.uint8)
    (here / "hundred" / "test.bin").write_bytes(np.c_[labels, pixels].tobytes())
    (here / "ten" / "test_batch.bin").write_bytes(np.c_[labels[:, :1], pixels].tobytes())
    (here / "flowers" / "rose" / ".hidden.jpg").unlink()
    (here / "t.csv").write_text("x,y\n1.5,2\n\n3,4\n")
    expected = json.loads(mindspore(_READ).splitlines()[-1])
    for theirs, text in zip(
        expected,
        [
            'ImageFolder("flowers", decode = true)',
            'Cifar10("ten", "test")',
            'Cifar100("hundred", "test", "both")',
            'Csv("t.csv", [Column("x")], [Column("y", dtype = i32)])',
            'TextFile("t.csv")',
        ],
        strict=True,
    ):
        rows = [[*_several(data), *_several(labels)] for data, labels in items(text)]
        assert [_digest(column) for column in zip(*rows, strict=True)] == theirs, text
