"""Transforms of images on both sides: MindSpore's expression and the spec's word, on one picture.

A picture is ``rgb`` u8[61, 83, 3], ``gray`` u8[61, 83, 1], ``small`` u8[9, 7, 3],
``dull`` u8[61, 83, 3] with few levels, ``float`` f32[13, 11, 3] or ``jpeg``, ``png``: bytes of a
file.
"""

SIZES = {"smaller": (32, 40), "twice": (122, 166), "mixed": (100, 70), "large": (224, 224)}
METHODS = {
    "bilinear": "BILINEAR",
    "nearest": "NEAREST",
    "area": "AREA",
    "bicubic": "BICUBIC",
    "pilcubic": "PILCUBIC",
}
_FROM, _TO = [[0, 0], [82, 0], [82, 60], [0, 60]], [[5, 3], [70, 6], [80, 55], [3, 50]]
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
    **{
        f"adjust_{what.lower()}_{factor}": (
            "rgb",
            f"vision.Adjust{what}({factor})",
            f"Adjust{what}({factor})",
        )
        for what in ("Brightness", "Contrast", "Saturation", "Sharpness")
        for factor in (0.0, 0.4, 0.5, 1.0, 1.7, 3.0)
    },
    **{
        f"adjust_hue_{turn}": ("rgb", f"vision.AdjustHue({turn})", f"AdjustHue({turn})")
        for turn in (-0.5, -0.3, 0.0, 0.1, 0.5)
    },
    "adjust_gamma": ("rgb", "vision.AdjustGamma(0.5, 2.0)", "AdjustGamma(0.5, 2.0)"),
    "auto_contrast": ("rgb", "vision.AutoContrast()", "AutoContrast()"),
    "auto_contrast_cut": (
        "rgb",
        "vision.AutoContrast(5.0, [10, 20])",
        "AutoContrast(5.0, [10, 20])",
    ),
    "auto_contrast_dull": ("dull", "vision.AutoContrast()", "AutoContrast()"),
    "equalize": ("rgb", "vision.Equalize()", "Equalize()"),
    "equalize_dull": ("dull", "vision.Equalize()", "Equalize()"),
    "invert": ("rgb", "vision.Invert()", "Invert()"),
    **{f"posterize_{b}": ("rgb", f"vision.Posterize({b})", f"Posterize({b})") for b in (0, 3, 8)},
    "solarize": ("rgb", "vision.Solarize((50, 200))", "Solarize([50, 200])"),
    "gaussian_blur": (
        "rgb",
        "vision.GaussianBlur([5, 3], [1.5, 2])",
        "GaussianBlur([5, 3], [1.5, 2])",
    ),
    "gaussian_blur_width": ("rgb", "vision.GaussianBlur(3)", "GaussianBlur(3)"),
    "grayscale": ("rgb", "lambda x: gray(vision, 3, x)", "Grayscale(3)"),
    "grayscale_one": ("rgb", "lambda x: gray(vision, 1, x)[..., None]", "Grayscale(1)"),
    **{
        f"rotate_{degrees}_{resample}_{expand}": (
            "rgb",
            f"vision.Rotate({degrees}, vision.Inter.{resample.upper()}, {expand})",
            f'Rotate({degrees}, "{resample}", {str(expand).lower()})',
        )
        for degrees in (0.0, 10.0, 45.5, 90.0, 200.0, -30.0)
        for resample in ("nearest", "bilinear")
        for expand in (False, True)
    },
    "rotate_centre": (
        "rgb",
        "vision.Rotate(20.0, vision.Inter.BILINEAR, False, (10, 20), (1, 2, 3))",
        'Rotate(20, "bilinear", center = [10, 20], fill_value = [1, 2, 3])',
    ),
    **{
        f"affine_{resample}": (
            "rgb",
            f"vision.Affine(15, [0.1, -0.2], 1.3, [10, 5], vision.Inter.{name}, (1, 2, 3))",
            f'Affine(15, [0.1, -0.2], 1.3, [10, 5], "{resample}", [1, 2, 3])',
        )
        for resample, name in (("nearest", "NEAREST"), ("bilinear", "BILINEAR"))
    },
    **{
        f"perspective_{resample}": (
            "rgb",
            f"vision.Perspective({_FROM}, {_TO}, vision.Inter.{resample.upper()})",
            f'Perspective({_FROM}, {_TO}, "{resample}")',
        )
        for resample in ("nearest", "bilinear")
    },
}
LEVELS = {"rotate_centre": 2}
"""By how much bytes may differ."""


def gray(vision, channels, image):
    """MindSpore's Grayscale takes images of Pillow alone."""
    import numpy as np

    return np.asarray(vision.Grayscale(channels)(vision.ToPIL()(image)))


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
        "dull": (rgb // 4 + 90).astype(np.uint8),
        "gray": np.ascontiguousarray(rgb[..., :1]),
        "small": np.ascontiguousarray(rgb[:9, :7]),
        "float": generator.normal(size=(13, 11, 3)).astype(np.float32),
    }
    for name, options in (("jpeg", {"quality": 85}), ("png", {})):
        file = io.BytesIO()
        smooth.resize((50, 40), Image.BICUBIC).save(file, name, **options)
        found[name] = np.frombuffer(file.getvalue(), np.uint8)
    return found


def augmented():
    """The picture that AutoAugment changes, u8[30, 40, 3]."""
    import numpy as np

    return np.random.default_rng(3).integers(0, 256, (30, 40, 3)).astype(np.uint8)
