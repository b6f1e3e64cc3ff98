"""Losses to compare: the word, its arguments on both sides, and what enters, in MindSpore's order.

``labels``: classes (numbers below 5), probabilities, values (normal), signs (1 and -1), truths (0
and 1), counts. ``values``: logits (normal), log (logarithms of probabilities), probabilities,
positive. ``rounded`` to halves, many of them stand where a loss has no derivative; corners are
vectors of 0 and 1, many of them at right angles.
"""

A = (6, 5)
_WEIGHT = [0.2, 1.0, 0.5, 2.0, 0.7]

LOSSES = {
    **{
        f"softmax_{'sparse' if sparse else 'dense'}_{reduction}": (
            "SoftmaxCrossEntropyWithLogits",
            {"sparse": sparse, "reduction": reduction},
            "logits",
            "classes" if sparse else "probabilities",
        )
        for sparse in (True, False)
        for reduction in ("none", "mean", "sum")
    },
    **{
        f"{word}_{reduction}": (word, {"reduction": reduction}, "logits", "values")
        for word in ("L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss")
        for reduction in ("none", "mean", "sum")
    },
    "SmoothL1Loss_beta": ("SmoothL1Loss", {"beta": 0.3, "reduction": "mean"}, "logits", "values"),
    "HuberLoss_delta": ("HuberLoss", {"delta": 0.4}, "logits", "values"),
    "MAELoss": ("MAELoss", {}, "logits", "values"),
    "RMSELoss": ("RMSELoss", {}, "logits", "values"),
    "HingeEmbeddingLoss": ("HingeEmbeddingLoss", {"margin": 0.7}, "logits", "signs"),
    "PoissonNLLLoss": ("PoissonNLLLoss", {}, "logits", "counts"),
    "PoissonNLLLoss_full": (
        "PoissonNLLLoss",
        {"log_input": False, "full": True, "reduction": "sum"},
        "positive",
        "counts",
    ),
    **{
        f"KLDivLoss_{reduction}": ("KLDivLoss", {"reduction": reduction}, "log", "probabilities")
        for reduction in ("none", "mean", "sum", "batchmean")
    },
    "DiceLoss": ("DiceLoss", {"smooth": 1e-2}, "probabilities", "truths"),
    **{
        f"CrossEntropyLoss_{reduction}": (
            "CrossEntropyLoss",
            {"reduction": reduction},
            "logits",
            "classes",
        )
        for reduction in ("none", "mean", "sum")
    },
    "CrossEntropyLoss_weight": (
        "CrossEntropyLoss",
        {"weight": _WEIGHT, "ignore_index": 2},
        "logits",
        "classes",
    ),
    "CrossEntropyLoss_smooth": (
        "CrossEntropyLoss",
        {"label_smoothing": 0.2, "weight": _WEIGHT},
        "logits",
        "classes",
    ),
    "CrossEntropyLoss_smooth_sum": (
        "CrossEntropyLoss",
        {"label_smoothing": 0.2, "reduction": "sum", "ignore_index": 1},
        "logits",
        "classes",
    ),
    "CrossEntropyLoss_dense": (
        "CrossEntropyLoss",
        {"label_smoothing": 0.1, "weight": _WEIGHT},
        "logits",
        "probabilities",
    ),
    "NLLLoss": ("NLLLoss", {}, "log", "classes"),
    "NLLLoss_weight": ("NLLLoss", {"weight": _WEIGHT, "ignore_index": 0}, "log", "classes"),
    "NLLLoss_none": ("NLLLoss", {"reduction": "none"}, "log", "classes"),
    "FocalLoss": ("FocalLoss", {"gamma": 1.5}, "logits", "columns"),
    "BCELoss": ("BCELoss", {}, "probabilities", "truths"),
    "BCELoss_weight": (
        "BCELoss",
        {"weight": _WEIGHT, "reduction": "sum"},
        "probabilities",
        "truths",
    ),
    "BCEWithLogitsLoss": ("BCEWithLogitsLoss", {}, "logits", "truths"),
    "BCEWithLogitsLoss_weights": (
        "BCEWithLogitsLoss",
        {"weight": _WEIGHT, "pos_weight": [2.0, 1.0, 0.5, 1.5, 3.0], "reduction": "none"},
        "logits",
        "truths",
    ),
    "MultiLabelSoftMarginLoss": ("MultiLabelSoftMarginLoss", {}, "logits", "truths"),
    "MultiLabelSoftMarginLoss_weight": (
        "MultiLabelSoftMarginLoss",
        {"weight": _WEIGHT, "reduction": "sum"},
        "logits",
        "truths",
    ),
}
LOSSES |= {
    "MultiMarginLoss": ("MultiMarginLoss", {}, "logits", "numbers"),
    "MultiMarginLoss_square": (
        "MultiMarginLoss",
        {"p": 2, "margin": 0.5, "reduction": "none", "weight": _WEIGHT},
        "logits",
        "numbers",
    ),
    "MultiClassDiceLoss": ("MultiClassDiceLoss", {}, "logits", "truths"),
    "MultiClassDiceLoss_ignore": (
        "MultiClassDiceLoss",
        {"ignore_indiex": 1, "activation": "sigmoid"},
        "logits",
        "truths",
    ),
}
LOSSES |= {
    "FocalLoss_weight": (
        "FocalLoss",
        {"weight": _WEIGHT, "gamma": 2.0, "reduction": "none"},
        "logits",
        "columns",
    ),
    "FocalLoss_one_hot": ("FocalLoss", {"reduction": "none"}, "logits", "truths"),
    "FocalLoss_one_hot_weight": (
        "FocalLoss",
        {"weight": _WEIGHT, "reduction": "sum"},
        "logits",
        "truths",
    ),
    "MultiClassDiceLoss_weights": (
        "MultiClassDiceLoss",
        {"weights": _WEIGHT},
        "logits",
        "truths",
    ),
    **{
        f"{word}_{reduction}": (word, {"margin": 0.3, "reduction": reduction}, *given)
        for word, given in (
            ("CosineEmbeddingLoss", ("left", "right", "pairs")),
            ("MarginRankingLoss", ("left", "right", "signs")),
        )
        for reduction in ("none", "mean", "sum")
    },
    "CosineEmbeddingLoss": ("CosineEmbeddingLoss", {}, "left", "right", "pairs"),
    "MarginRankingLoss": ("MarginRankingLoss", {}, "left", "right", "signs"),
    **{
        f"TripletMarginWithDistanceLoss_{name}": (
            *("TripletMarginWithDistanceLoss", given),
            *("left", "right", "other"),
        )
        for name, given in (
            ("mean", {}),
            ("sum_swap", {"swap": True, "reduction": "sum"}),
            ("none_margin", {"margin": 2.5, "reduction": "none"}),
        )
    },
    "GaussianNLLLoss": ("GaussianNLLLoss", {}, "logits", "values", "positive"),
    "GaussianNLLLoss_full": (
        *("GaussianNLLLoss", {"full": True, "reduction": "sum", "eps": 0.5}),
        *("logits", "values", "positive"),
    ),
    "GaussianNLLLoss_none": (
        *("GaussianNLLLoss", {"reduction": "none"}),
        *("logits", "column", "row_variances"),
    ),
    **{
        f"CTCLoss_{name}": ("CTCLoss", given, "steps", "targets", steps, "target_counts")
        for name, given, steps in (
            ("mean", {}, "step_counts"),
            ("sum", {"reduction": "sum"}, "step_counts"),
            ("none", {"reduction": "none", "blank": 0}, "step_counts"),
            ("zero_infinity", {"reduction": "none", "zero_infinity": True}, "few_steps"),
        )
    },
}
LOSSES |= {
    **{
        f"{word}_spread": (word, {"reduction": "none"}, "logits", kind)
        for word, kind in (
            *(("L1Loss", "row"), ("MSELoss", "column"), ("HuberLoss", "row"), ("MAELoss", "row")),
            *(("HingeEmbeddingLoss", "row_signs"), ("PoissonNLLLoss", "column")),
        )
    },
    "L1Loss_spread_over_labels": ("L1Loss", {}, "row", "values"),
    "RMSELoss_spread": ("RMSELoss", {}, "logits", "column"),
    "HingeEmbeddingLoss_neither": ("HingeEmbeddingLoss", {}, "logits", "signs_or_none"),
    "MarginRankingLoss_spread": ("MarginRankingLoss", {"margin": 0.3}, "left", "row", "row_signs"),
    "CosineEmbeddingLoss_images": (
        *("CosineEmbeddingLoss", {"reduction": "none"}),
        *("left_images", "right_images", "pairs_of_images"),
    ),
    "TripletMarginWithDistanceLoss_images": (
        *("TripletMarginWithDistanceLoss", {"swap": True}),
        *("left_images", "right_images", "other_images"),
    ),
    "GaussianNLLLoss_one_variance": ("GaussianNLLLoss", {}, "logits", "values", "one_variance"),
}
_COLUMN = [[0.2], [1.0], [0.5], [2.0], [0.7], [1.5]]
LOSSES |= {
    "BCEWithLogitsLoss_columns": (
        "BCEWithLogitsLoss",
        {"weight": _COLUMN, "pos_weight": _COLUMN[::-1], "reduction": "none"},
        "logits",
        "truths",
    ),
    "BCEWithLogitsLoss_each_and_one": (
        "BCEWithLogitsLoss",
        {"weight": [[w + n for n in _WEIGHT] for (w,) in _COLUMN], "pos_weight": 1.5},
        "logits",
        "truths",
    ),
    "MultiLabelSoftMarginLoss_column": (
        "MultiLabelSoftMarginLoss",
        {"weight": _COLUMN, "reduction": "none"},
        "logits",
        "truths",
    ),
    **{
        f"{word}_on_its_kinks": (
            word,
            given,
            *(f"rounded {kind}" for kind in kinds[:-1]),
            kinds[-1],
        )
        for word, given, *kinds in (
            ("L1Loss", {}, "logits", "rounded values"),
            ("SmoothL1Loss", {"beta": 0.5}, "logits", "rounded values"),
            ("HuberLoss", {"delta": 0.5}, "logits", "rounded values"),
            ("HingeEmbeddingLoss", {"margin": 0.5}, "logits", "signs"),
            ("MarginRankingLoss", {"margin": 0.5}, "left", "right", "signs"),
            ("CosineEmbeddingLoss", {}, "corners", "other_corners", "pairs"),
            ("MultiMarginLoss", {"margin": 0.5}, "logits", "numbers"),
            ("TripletMarginWithDistanceLoss", {"swap": True}, "left", "right", "rounded other"),
            ("GaussianNLLLoss", {"eps": 0.5}, "logits", "values", "rounded positive"),
        )
    },
}
TENSORS = ("weight", "pos_weight", "weights")
"""Arguments MindSpore takes as tensors."""


_LABELS_IN_BETWEEN = {"GaussianNLLLoss": (0, 2), "TripletMarginWithDistanceLoss": (0, 1, 2)}


def floats_of(word, kinds):
    """Which of what enters a network gives: what is differentiated by."""
    if word == "CTCLoss":
        return (0,)
    return _LABELS_IN_BETWEEN.get(word, range(len(kinds) - 1))
