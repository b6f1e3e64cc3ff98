"""Rows of declspore/ops/order.py: see the package."""

ROWS = {
    "max": ("max(x, axis = 1)[0]", "ops.max(x, 1)[0]", [(2, 3, 8)]),
    "max_place": (
        "cast(max(x, axis = 1, keepdims = true)[1], f32)",
        "ops.max(x, 1, True)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "min": ("min(x, axis = -1, keepdims = true)[0]", "ops.min(x, -1, True)[0]", [(2, 3, 8)]),
    "sort": ("sort(x, axis = 1)[0]", "ops.sort(x, 1)[0]", [(2, 3, 8)]),
    "sort_descending": ("sort(x, descending = true)[0]", "ops.sort(x, -1, True)[0]", [(2, 3, 8)]),
    "cumprod": ("cumprod(x, 1)", "ops.cumprod(x, 1)", [(3, 4)]),
    "median_last": ("median(x, -1)[0]", "ops.median(x, -1)[0]", [(2, 3, 8)]),
    "median_middle": ("median(x, 1)[0]", "ops.median(x, 1)[0]", [(2, 3, 8)]),
    "median_place": (
        "cast(median(x, 2)[1], f32)",
        "ops.median(x, 2)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "median_place_of_equal": (
        "cast(median(round(x), 2)[1], f32)",
        "ops.median(ops.round(x), 2)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "cummax_last": ("cummax(x, -1)[0]", "ops.cummax(x, -1)[0]", [(2, 3, 8)]),
    "cummax_middle": ("cummax(x, 1)[0]", "ops.cummax(x, 1)[0]", [(2, 3, 8)]),
    "cummax_place": (
        "cast(cummax(x, 2)[1], f32)",
        "ops.cummax(x, 2)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "cummax_place_of_equal": (
        "cast(cummax(round(x), 2)[1], f32)",
        "ops.cummax(ops.round(x), 2)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "cummin_last": ("cummin(x, -1)[0]", "ops.cummin(x, -1)[0]", [(2, 3, 8)]),
    "cummin_middle": ("cummin(x, 1)[0]", "ops.cummin(x, 1)[0]", [(2, 3, 8)]),
    "cummin_place": (
        "cast(cummin(x, 2)[1], f32)",
        "ops.cummin(x, 2)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "cummin_place_of_equal": (
        "cast(cummin(round(x), 2)[1], f32)",
        "ops.cummin(ops.round(x), 2)[1].astype(ms.float32)",
        [(2, 3, 8)],
    ),
    "median_kept": ("median(x, 1, true)[0]", "ops.median(x, 1, True)[0]", [(2, 3, 8)]),
    "max_of_all": ("max(x)[0]", "ops.max(x)[0]", [(3, 4)]),
    "min_of_all": ("min(x)[0]", "ops.min(x)[0]", [(3, 4)]),
    "max_of_equal": (
        "max(stop_gradient(round(x)) + (x - stop_gradient(x)), 1)[0]",
        "ops.max(ops.stop_gradient(ops.round(x)) + (x - ops.stop_gradient(x)), 1)[0]",
        [(2, 3, 8)],
    ),
    "min_of_equal": (
        "min(stop_gradient(round(x)) + (x - stop_gradient(x)), -1)[0]",
        "ops.min(ops.stop_gradient(ops.round(x)) + (x - ops.stop_gradient(x)), -1)[0]",
        [(2, 3, 8)],
    ),
    "sort_whole_falling": (
        "cast(sort(cast(stop_gradient(abs(x)) * 90.0, u8), descending = true)[0], f32)",
        "ops.sort((ops.stop_gradient(x.abs()) * 90).astype(ms.uint8), -1, True)[0].astype(ms.float32)",
        [(3, 4)],
    ),
}
