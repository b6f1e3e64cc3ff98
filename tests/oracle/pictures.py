"""Transforms of images on both sides: MindSpore's expression and the spec's word, on one picture.

A picture is ``rgb`` u8[61, 83, 3], ``gray`` u8[61, 83, 1], ``small`` u8[9, 7, 3], ``float``
f32[13, 11, 3] or ``jpeg``, ``png``: bytes of a file.
"""

SIZES = {"smaller": (32, 40), "twice": (122, 166), "mixed": (100, 70), "large": (224, 224)}
METHODS = {
    "bilinear": "BILINEAR",
    "nearest": "NEAREST",
    "area": "AREA",
    "bicubic": "BICUBIC",
    "pilcubic": "PILCUBIC",
}
BORDERS = {"constant": "CONSTANT", "edge": "EDGE", "reflect": "REFLECT", "symmetric": "SYMMETRIC"}

CASES = {
    **{
        f"resize_{method}_{size}": (
            "rgb",
            f"vision.Resize({shape}, vision.Inter.{inter})",
            f'Resize({list(shape)}, "{method}")',
        )
        for method, inter in METHODS.items()
        for size, shape in SIZES.items()
    },
    "resize_edge": ("rgb", "vision.Resize(40)", "Resize(40)"),
    "resize_edge_larger": ("rgb", "vision.Resize(97)", "Resize(97)"),
    "resize_gray": ("gray", "vision.Resize((20, 30))", "Resize([20, 30])"),
    "resize_gray_bicubic": (
        "gray",
        "vision.Resize((20, 30), vision.Inter.BICUBIC)",
        'Resize([20, 30], "bicubic")',
    ),
    "resize_floats": ("float", "vision.Resize((20, 30))", "Resize([20, 30])"),
    "decode_jpeg": ("jpeg", "vision.Decode()", "Decode()"),
    "decode_png": ("png", "vision.Decode()", "Decode()"),
    "center_crop": ("rgb", "vision.CenterCrop((40, 51))", "CenterCrop([40, 51])"),
    "center_crop_odd": ("rgb", "vision.CenterCrop(20)", "CenterCrop(20)"),
    "center_crop_larger": ("small", "vision.CenterCrop((20, 21))", "CenterCrop([20, 21])"),
    "center_crop_mixed": ("small", "vision.CenterCrop((5, 20))", "CenterCrop([5, 20])"),
    "crop": ("rgb", "vision.Crop((3, 4), (20, 30))", "Crop([3, 4], [20, 30])"),
    "pad_one": ("rgb", "vision.Pad(2)", "PadImage(2)"),
    "pad_two": ("rgb", "vision.Pad([3, 5], 7)", "PadImage([3, 5], 7)"),
    "pad_gray": ("gray", "vision.Pad([3, 5], 7)", "PadImage([3, 5], 7)"),
    **{
        f"pad_{border}": (
            "rgb",
            f"vision.Pad([3, 5, 7, 9], (1, 2, 3), vision.Border.{name})",
            f'PadImage([3, 5, 7, 9], [1, 2, 3], "{border}")',
        )
        for border, name in BORDERS.items()
    },
    "flip_across": ("rgb", "vision.HorizontalFlip()", "HorizontalFlip()"),
    "flip_down": ("rgb", "vision.VerticalFlip()", "VerticalFlip()"),
    "flip_across_surely": (
        "rgb",
        "vision.RandomHorizontalFlip(1.0)",
        "RandomHorizontalFlip(1.0)",
    ),
    "flip_down_never": ("rgb", "vision.RandomVerticalFlip(0.0)", "RandomVerticalFlip(0.0)"),
    "random_crop_whole": ("rgb", "vision.RandomCrop((61, 83))", "RandomCrop([61, 83])"),
    "random_resized_crop_whole": (
        "float",
        "vision.RandomResizedCrop((20, 30), (1.0, 1.0), (11 / 13, 11 / 13))",
        "RandomResizedCrop([20, 30], [1.0, 1.0], [11 / 13, 11 / 13])",
    ),
    "random_crop_decode_resize_whole": (
        "jpeg",
        "vision.RandomCropDecodeResize((20, 30), (1.0, 1.0), (1.25, 1.25))",
        "RandomCropDecodeResize([20, 30], [1.0, 1.0], [1.25, 1.25])",
    ),
    "to_tensor": ("rgb", "vision.ToTensor()", "ToTensor()"),
    "type_cast": ("rgb", "transforms.TypeCast(mstype.float16)", "TypeCast(f16)"),
    "type_cast_floats": ("float", "transforms.TypeCast(mstype.int32)", "TypeCast(i32)"),
}


def pictures():
    """The pictures by name; bytes as u8 arrays."""
    import io

    import numpy as np
    from PIL import Image

    generator = np.random.Generator(np.random.Philox(11))
    rgb = generator.integers(0, 256, (61, 83, 3)).astype(np.uint8)
    smooth = Image.fromarray(generator.integers(0, 256, (4, 5, 3)).astype(np.uint8))
    found = {
        "rgb": rgb,
        "gray": np.ascontiguousarray(rgb[..., :1]),
        "small": np.ascontiguousarray(rgb[:9, :7]),
        "float": generator.normal(size=(13, 11, 3)).astype(np.float32),
    }
    for name, options in (("jpeg", {"quality": 85}), ("png", {})):
        file = io.BytesIO()
        smooth.resize((50, 40), Image.BICUBIC).save(file, name, **options)
        found[name] = np.frombuffer(file.getvalue(), np.uint8)
    return found
