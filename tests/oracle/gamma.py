"""Cells of the gamma function: rows as in tests/oracle/sequences.py."""

M = (3, 4)
_SPREAD = (("positive", "exp({} * 2)"), ("around", "{} * 2"))

GAMMA_CELLS = {
    **{
        f"{word}_{name}": (
            f"{word}()",
            f"nn.{word}()",
            f"cell({argument.format('x')})",
            f"cell({argument.format('x').replace('exp(x * 2)', '(x * 2).exp()')})",
            (M,),
        )
        for word in ("LGamma", "DiGamma")
        for name, argument in _SPREAD
    },
    **{
        f"LBeta_{name}": (
            "LBeta()",
            "nn.LBeta()",
            f"cell(exp(x){more}, exp(y){other})",
            f"cell(x.exp(){more}, y.exp(){other})",
            (M, M),
        )
        for name, more, other in (
            ("small", "", ""),
            ("one", "", " + 8"),
            ("two", " * 9 + 8", " + 9"),
        )
    },
}
