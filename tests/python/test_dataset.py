"""``declspore.dataset``: rows, columns, order, transforms, batches. Values are MindSpore's where
the order is not drawn."""

import numpy as np
import pytest

import declspore
from declspore import Model, dataset, nn
from declspore.dataset import transforms, vision


def rows(data):
    return [[value.asnumpy().tolist() for value in row] for row in data]


def plain(data=None, **settings):
    columns = {"a": np.arange(6), "b": np.arange(6) * 1.0} if data is None else data
    return dataset.NumpySlicesDataset(columns, shuffle=False, **settings)


def test_columns():
    data = plain()
    assert (data.get_dataset_size(), len(data)) == (6, 6)
    assert data.get_col_names() == ["a", "b"]
    assert data.output_types() == [np.int64, np.float64]
    assert data.output_shapes() == [[], []]
    assert rows(data.batch(4)) == [[[0, 1, 2, 3], [0, 1, 2, 3]], [[4, 5], [4, 5]]]
    assert plain((np.arange(2), np.arange(2))).get_col_names() == ["column_0", "column_1"]
    found = next(data.create_dict_iterator(output_numpy=True))
    assert {name: value.item() for name, value in found.items()} == {"a": 0, "b": 0.0}
    assert next(data.create_tuple_iterator(columns=["b"]))[0].dtype == declspore.float64


def test_what_is_done_to_rows():
    ones = plain([1, 2, 3])
    assert rows(ones.map(lambda x: x * 2).repeat(2)) == [[2], [4], [6]] * 2
    assert ones.repeat(2).get_dataset_size() == 6
    assert ones.repeat(2).get_repeat_count() == 2
    assert rows(ones.take(2)) == [[1], [2]]
    assert rows(ones.skip(2)) == [[3]]
    assert rows(ones.filter(lambda x: x != 2)) == [[1], [3]]
    assert rows(ones + ones) == [[1], [2], [3], [1], [2], [3]]
    assert rows(ones.batch(2, drop_remainder=True)) == [[[1, 2]]]
    assert ones.batch(2).get_batch_size() == 2
    renamed = ones.rename("column_0", "x")
    assert renamed.get_col_names() == ["x"]
    assert rows(dataset.zip((ones, renamed))) == [[1, 1], [2, 2], [3, 3]]
    assert rows(plain().project(["b"]).take(1)) == [[0.0]]
    assert [len(part) for part in plain().split([0.5, 0.5])] == [3, 3]


def test_map_makes_columns():
    data = plain().map(lambda a, b: (a, b, a + b), ["a", "b"], ["a", "b", "c"])
    assert data.get_col_names() == ["a", "b", "c"]
    assert rows(data.skip(5)) == [[5, 5, 10]]
    joined = plain().map(lambda a, b: a + b, ["a", "b"], ["c"])
    assert joined.get_col_names() == ["c"]
    assert rows(joined.take(2)) == [[0], [2]]


def test_order():
    dataset.config.set_seed(5)
    try:
        drawn = dataset.NumpySlicesDataset(np.arange(50))
        first, second = rows(drawn), rows(drawn)
        assert first != second
        assert sorted(first) == [[n] for n in range(50)]
        assert rows(dataset.NumpySlicesDataset(np.arange(50))) == first
        mixed = rows(plain(np.arange(50)).shuffle(10))
        assert mixed != sorted(mixed)
        assert max(found - place for place, (found,) in enumerate(mixed)) < 10
    finally:
        dataset.config._settings.clear()


def test_samplers():
    numbers = np.arange(10)

    def found(sampler):
        return [row[0] for row in rows(dataset.NumpySlicesDataset(numbers, sampler=sampler))]

    assert found(dataset.SequentialSampler(2, 3)) == [2, 3, 4]
    assert found(dataset.SubsetSampler([3, 1])) == [3, 1]
    assert sorted(found(dataset.SubsetRandomSampler([3, 1]))) == [1, 3]
    assert len(set(found(dataset.RandomSampler(num_samples=4)))) == 4
    assert found(dataset.DistributedSampler(2, 1, shuffle=False)) == [1, 3, 5, 7, 9]
    assert set(found(dataset.WeightedRandomSampler([0] * 9 + [1], 5))) == {9}
    assert rows(plain(numbers, num_shards=5, shard_id=2)) == [[2], [7]]


def test_sources_of_python():
    class Rows:
        def __len__(self):
            return 3

        def __getitem__(self, number):
            return np.float32(number), number

    data = dataset.GeneratorDataset(Rows(), ["x", "y"], shuffle=False)
    assert rows(data) == [[0, 0], [1, 1], [2, 2]]
    assert sorted(rows(dataset.GeneratorDataset(Rows(), ["x", "y"]))) == rows(data)

    def generate():
        for number in range(2):
            yield (np.array(number),)

    generated = dataset.GeneratorDataset(generate, ["n"])
    assert rows(generated) == rows(generated) == [[0], [1]]
    with pytest.raises(ValueError, match="source gives 2 values, column_names has 1"):
        rows(dataset.GeneratorDataset(Rows(), ["x"]))


def test_transforms():
    image = np.random.default_rng(0).integers(0, 255, (28, 28, 1), np.uint8)
    assert vision.Resize((32, 32), vision.Inter.LINEAR)(image).shape == (32, 32, 1)
    scaled = vision.Rescale(1 / 255.0, 0.0)(image)
    np.testing.assert_allclose(scaled, image / 255, rtol=1e-6)
    assert vision.HWC2CHW()(image).shape == (1, 28, 28)
    assert vision.ToTensor()(image).shape == (1, 28, 28)
    assert transforms.TypeCast(declspore.int32)(np.int64(3)).dtype == np.int32
    assert transforms.OneHot(3)(np.array(1)).tolist() == [0, 1, 0]
    both = transforms.Compose([vision.Rescale(2.0, 0.0), lambda x: x + 1])
    assert both(np.ones((1, 1, 1), np.float32)).tolist() == [[[3]]]
    with pytest.raises(ValueError, match="an image"):
        vision.Resize(3)(np.ones(3, np.float32))
    with pytest.raises(declspore.Unsupported, match="SlicePatches"):
        vision.SlicePatches  # noqa: B018


def test_many_rows_at_once_are_the_rows_one_by_one():
    images = np.random.default_rng(0).random((300, 4, 4, 3)).astype(np.float32)
    changes = [vision.Normalize([0.5] * 3, [0.2] * 3), vision.HWC2CHW()]
    found = [row[0].asnumpy() for row in plain(images).map(changes)]
    one_by_one = [changes[1](changes[0](image)) for image in images]
    np.testing.assert_array_equal(np.stack(found), np.stack(one_by_one))


def test_training():
    x = np.random.default_rng(0).random((8, 2)).astype(np.float32)
    data = plain({"x": x, "y": x.sum(1, keepdims=True)}).batch(4)
    net = nn.Dense(2, 1, weight_init="zeros", bias_init="zeros")
    model = Model(net, nn.MSELoss(), nn.SGD(net.trainable_params(), 0.1), {"mse": nn.MSE()})
    before = model.eval(data)["mse"]
    model.train(20, data)
    assert model.eval(data)["mse"] < before / 10


def test_wrong_use():
    with pytest.raises(ValueError, match="no column is called 'c'; there are a, b"):
        plain().map(lambda x: x, "c")
    with pytest.raises(ValueError, match="different lengths"):
        plain({"a": [1, 2], "b": [1]})
    with pytest.raises(ValueError, match="different shapes in column 'x'"):
        rows(dataset.GeneratorDataset([(np.ones(1),), (np.ones(2),)], "x").batch(2))
    with pytest.raises(ValueError, match="an epoch never ends"):
        plain().repeat()
    with pytest.raises(declspore.Unsupported, match="CocoDataset"):
        dataset.CocoDataset  # noqa: B018
    with pytest.raises(ValueError, match=r"Mnist: .* is missing"):
        dataset.MnistDataset("nowhere").get_dataset_size()


def test_pictures_of_folders(here):
    """The bytes of files are decoded by ``Decode``, or by the source."""
    from PIL import Image

    (here / "pictures" / "cat").mkdir(parents=True)
    Image.fromarray(np.full((6, 5, 3), 90, np.uint8)).save(here / "pictures" / "cat" / "one.png")
    raw = dataset.ImageFolderDataset("pictures", shuffle=False)
    assert isinstance(raw.first()[0], bytes)
    for data in (raw.map(vision.Decode()), dataset.ImageFolderDataset("pictures", decode=True)):
        image, label = data.first()
        assert image.shape == (6, 5, 3)
        assert (int(image.max()), int(label)) == (90, 0)
    file = np.fromfile(here / "pictures" / "cat" / "one.png", np.uint8)  # as MindSpore has files
    assert vision.Decode()(file).shape == (6, 5, 3)


def test_settings_of_mindspores_engine():
    """Those that change no row have no effect, others are refused or no settings at all."""
    data = dataset.NumpySlicesDataset(np.arange(4), "x", shuffle=False)
    same = data.map(lambda x: x + 1, num_parallel_workers=4, python_multiprocessing=True)
    batches = same.batch(2, per_batch_map=None)
    assert [row[0].tolist() for row in batches.rows(0)] == [[1, 2], [3, 4]]
    with pytest.raises(declspore.Unsupported, match="per_batch_map"):
        data.batch(2, per_batch_map=lambda x, info: (x,))
    with pytest.raises(TypeError, match="map does not have a setting 'workers'"):
        data.map(lambda x: x, workers=4)
