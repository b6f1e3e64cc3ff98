"""Rows of declspore/ops/resize.py: see the package."""

ROWS = {
    "interpolate(x, size = 7)": (
        "interpolate(x, size = 7)",
        "ops.interpolate(x, size=7)",
        [(2, 3, 8)],
    ),
    "interpolate_bilinear": (
        'interpolate(x, size = [7, 9], mode = "bilinear")',
        "ops.interpolate(x, (7, 9), mode='bilinear')",
        [(2, 3, 4, 5)],
    ),
    "interpolate_corners": (
        'interpolate(x, size = [7, 9], mode = "bilinear", align_corners = true)',
        "ops.interpolate(x, (7, 9), mode='bilinear', align_corners=True)",
        [(2, 3, 4, 5)],
    ),
    "resize_bilinear": (
        "resize_bilinear(x, [7, 4])",
        "ops.ResizeBilinearV2()(x, (7, 4))",
        [(2, 3, 5, 6)],
    ),
    "resize_bilinear_corners": (
        "resize_bilinear(x, [7, 4], align_corners = true)",
        "ops.ResizeBilinearV2(True)(x, (7, 4))",
        [(2, 3, 5, 6)],
    ),
    "resize_bilinear_middles": (
        "resize_bilinear(x, [7, 4], half_pixel_centers = true)",
        "ops.ResizeBilinearV2(False, True)(x, (7, 4))",
        [(2, 3, 5, 6)],
    ),
    "resize_nearest_neighbor": (
        "resize_nearest_neighbor(x, [7, 4])",
        "ops.ResizeNearestNeighbor((7, 4))(x)",
        [(2, 3, 5, 6)],
    ),
    "resize_nearest_neighbor_corners": (
        "resize_nearest_neighbor(x, [10, 4], true)",
        "ops.ResizeNearestNeighbor((10, 4), True)(x)",
        [(2, 3, 5, 6)],
    ),
}
