"""Norms, running extremes and tensors with values combined into them; rows as in
tests/oracle/ops.py."""

M = (3, 4)
V = (2, 3, 8)


def _norm(ord="none", dim="none", shape=V):
    theirs = {"none": "None", '"inf"': "float('inf')", '"-inf"': "-float('inf')"}
    more = ", keepdim = true" if dim in ("[2, 0]", "[2, 1]") else ""
    asked = f"ops.norm(x, {theirs.get(ord, ord)}, {theirs.get(dim, dim)}{more})"
    asked = asked.replace("[", "(").replace("]", ")").replace(" = true", "=True")
    name = f"norm_{ord}_{dim}".translate(str.maketrans("", "", '"[],')).replace(" ", "_")
    return {name: (f"norm(x, {ord}, {dim}{more})", asked, [shape])}


NORMS = {
    "norm": ("norm(x, dim = 1)", "ops.norm(x, dim=1)", [M]),
    **_norm(),
    **_norm("2"),
    **{
        key: row
        for ord in ("2", "1", "0", "-1", "3", "0.5", "-2.5", '"inf"', '"-inf"')
        for key, row in _norm(ord, "1").items()
    },
    **{
        key: row
        for ord in ("none", '"fro"', '"nuc"', "2", "-2", "1", "-1", '"inf"', '"-inf"')
        for first in ("[2, 1]" if ord in ("2", "-2", '"nuc"') else "[2, 0]",)
        for key, row in (_norm(ord, first) | _norm(ord, "[1, 2]")).items()
    },
}
NORMS["norm_2_none"] = ("norm(x[0], 2)", "ops.norm(x[0], 2)", [V])
NORMS["norm_1_none_vector"] = ("norm(x, 1)", "ops.norm(x, 1)", [(5,)])
_OF_MATRICES = ("norm(x, 2, [", "norm(x, -2, [", 'norm(x, "nuc", [', "norm(x[0], 2)")
SINGULAR = [name for name, row in NORMS.items() if row[0].startswith(_OF_MATRICES)]
"""Those of singular values."""

ORDERED = {
    **{
        f"{word}_{name}": (call.format(word), theirs.format(f"ops.{word}"), [V])
        for word in ("median", "cummax", "cummin")
        for name, call, theirs in (
            ("last", "{}(x, -1)[0]", "{}(x, -1)[0]"),
            ("middle", "{}(x, 1)[0]", "{}(x, 1)[0]"),
            ("place", "cast({}(x, 2)[1], f32)", "{}(x, 2)[1].astype(ms.float32)"),
            (
                "place_of_equal",
                "cast({}(round(x), 2)[1], f32)",
                "{}(ops.round(x), 2)[1].astype(ms.float32)",
            ),
        )
    },
    "median_kept": ("median(x, 1, true)[0]", "ops.median(x, 1, True)[0]", [V]),
}


def _combined(word, name, places, shape):
    """Sizes that are known: those of the second and third input."""
    ours = f"tensor_scatter_{word}(y, tensor({places}, dtype = i32), z) * sum(abs(x))"
    theirs = f"ops.tensor_scatter_{word}(y, ms.Tensor({places}, ms.int32), z) * ops.abs(x).sum()"
    return {f"tensor_scatter_{word}_{name}": (ours, theirs, [(7, 3), (5, 4), shape])}


COMBINED = {
    key: row
    for word in ("max", "min", "mul", "div", "sub")
    for key, row in {
        **_combined(word, "rows", [[0], [4], [2]], (3, 4)),
        **_combined(word, "alone", [[3]], (1, 4)),
        **_combined(word, "twice", [[0], [2], [0]], (3, 4)),
        **_combined(word, "elements", [[[0, 1], [2, 3]], [[1, 1], [4, 0]]], (2, 2)),
    }.items()
}

_APART = "MindSpore's gradient takes what goes to one place twice as if it went there alone."
WRONG_GRADIENTS = {f"tensor_scatter_{word}_twice": _APART for word in ("mul", "div")}
"""Ops whose golden gradients are not a measure, and why."""
