"""Optimizers and schedules to compare: the word, and the arguments both sides take.

A value that is a list of two, the first a text, is a schedule of that name with those arguments.
"""

_TWICE = {"learning_rate": 0.1, "weight_decay": 0.05, "loss_scale": 4.0}

_MOMENTUM = {"learning_rate": 0.1, "momentum": 0.9}
_REST = ["weight", "gamma"]
_FALLING = ["CosineDecayLR", [0.0, 0.2, 8]]
_RISING = ["WarmUpLR", [0.1, 4]]

OPTIMIZERS = {
    "momentum": ("Momentum", {"learning_rate": 0.1, "momentum": 0.9}),
    "momentum_decay": ("Momentum", {"momentum": 0.9, "learning_rate": 0.1, "weight_decay": 0.05}),
    "momentum_scale": ("Momentum", {"momentum": 0.5, **_TWICE}),
    "momentum_rates": (
        "Momentum",
        {"learning_rate": [0.1, 0.05, 0.2, 0.1, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1], "momentum": 0.9},
    ),
    "momentum_schedule": (
        "Momentum",
        {"learning_rate": ["CosineDecayLR", [0.01, 0.1, 8]], "momentum": 0.9},
    ),
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "sgd_momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "dampening": 0.3}),
    "sgd_nesterov": ("SGD", {"momentum": 0.9, "nesterov": True, **_TWICE}),
    "adam": ("Adam", {}),
    "adam_decay": ("Adam", {"beta1": 0.8, "eps": 1e-6, **_TWICE}),
    "adam_nesterov": ("Adam", {"learning_rate": 0.01, "use_nesterov": True}),
    "adam_amsgrad": ("Adam", {"learning_rate": 0.01, "use_amsgrad": True}),
    "adam_amsgrad_nesterov": (
        "Adam",
        {"learning_rate": 0.01, "use_amsgrad": True, "use_nesterov": True},
    ),
    "adam_schedule": ("Adam", {"learning_rate": ["WarmUpLR", [0.1, 4]]}),
    "lazy_adam": ("LazyAdam", {}),
    "lazy_adam_decay": ("LazyAdam", {"beta1": 0.8, "eps": 1e-6, **_TWICE}),
    "lazy_adam_nesterov": ("LazyAdam", {"learning_rate": 0.01, "use_nesterov": True}),
    "adam_offload": ("AdamOffload", {}),
    "adam_offload_decay": ("AdamOffload", {"beta1": 0.8, "eps": 1e-6, **_TWICE}),
    "adam_offload_nesterov": ("AdamOffload", {"learning_rate": 0.01, "use_nesterov": True}),
    "adam_lazy": ("Adam", {"learning_rate": 0.01, "use_lazy": True}),
    "adam_offloaded": ("Adam", {"learning_rate": 0.01, "use_offload": True, "weight_decay": 0.05}),
    "adam_decay_schedule": ("Adam", {"loss_scale": 4.0, "weight_decay": _FALLING}),
    "adam_weight_decay_schedule": (
        "AdamWeightDecay",
        {"learning_rate": 0.01, "weight_decay": _FALLING},
    ),
    "adafactor": ("AdaFactor", {}),
    "adafactor_rate": (
        "AdaFactor",
        {"learning_rate": 0.1, "relative_step": False, "weight_decay": 0.1, "loss_scale": 4.0},
    ),
    "adafactor_schedule": (
        "AdaFactor",
        {"learning_rate": _RISING, "relative_step": False, "scale_parameter": False},
    ),
    "adafactor_warmup": (
        "AdaFactor",
        {"warmup_init": True, "decay_rate": 0.5, "clip_threshold": 0.5, "eps": (1e-3, 0.1)},
    ),
    "adafactor_compressed": ("AdaFactor", {"compression": True}),
    "adafactor_no_moment": ("AdaFactor", {"beta1": 0.0}),
    "adam_weight_decay": ("AdamWeightDecay", {"learning_rate": 0.01, "weight_decay": 0.1}),
    "adam_weight_decay_none": ("AdamWeightDecay", {}),
    "adamax": ("AdaMax", {"learning_rate": 0.01}),
    "adamax_decay": ("AdaMax", {**_TWICE, "beta2": 0.9}),
    "rmsprop_centered": (
        "RMSProp",
        {"learning_rate": 0.01, "centered": True, "momentum": 0.5, "epsilon": 1e-3},
    ),
    "rmsprop": ("RMSProp", {"learning_rate": 0.01, "momentum": 0.5}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1}),
    "adagrad_from_nothing": ("Adagrad", {"accum": 0.0, "loss_scale": 1e6}),
    "adagrad_decay": ("Adagrad", {"accum": 0.5, **_TWICE}),
    "adadelta": ("Adadelta", {}),
    "adadelta_decay": ("Adadelta", {"rho": 0.8, "epsilon": 1e-3, **_TWICE}),
    "proximal": ("ProximalAdagrad", {"learning_rate": 0.1}),
    "proximal_penalties": ("ProximalAdagrad", {"learning_rate": 0.1, "l1": 0.01, "l2": 0.1}),
    "ftrl": ("FTRL", {"learning_rate": 0.1}),
    "asgd": ("ASGD", {}),
    "asgd_averaged": (
        "ASGD",
        {"learning_rate": 0.2, "lambd": 0.1, "alpha": 0.5, "t0": 3.0, "weight_decay": 0.05},
    ),
    "rprop": ("Rprop", {"learning_rate": 0.1}),
    "rprop_bounds": (
        "Rprop",
        {"learning_rate": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.05, 0.2), "weight_decay": 0.1},
    ),
    "ftrl_l2": ("FTRL", {"learning_rate": 0.1, "l2": 0.1, "weight_decay": 0.05}),
}

GROUPED = {
    "groups": ("Momentum", _MOMENTUM, [{"params": ["bias"], "lr": 0.3}, {"params": _REST}]),
    "groups_decay": (
        "Adam",
        {"learning_rate": 0.01, "weight_decay": 0.2},
        [{"params": ["bias"], "weight_decay": 0.0}, {"params": ["gamma", "weight"]}],
    ),
    "groups_ordered": (
        "SGD",
        {"learning_rate": 0.1, "momentum": 0.9, "loss_scale": 4.0},
        [
            {"params": ["gamma"], "lr": 0.3, "weight_decay": 0.1},
            {"params": ["weight"], "lr": 0.2},
            {"params": ["bias"]},
            {"order_params": ["weight", "gamma", "bias"]},
        ],
    ),
    "groups_lists": (
        "Momentum",
        {"learning_rate": [0.1 - 0.005 * step for step in range(10)], "momentum": 0.9},
        [
            {"params": ["bias"], "lr": [0.01 * step for step in range(10)]},
            {"params": ["weight"]},
            {"params": ["gamma"], "lr": 0.5},
        ],
    ),
    "groups_idle_list": (
        "Momentum",
        {"learning_rate": [0.7], "momentum": 0.9},
        [{"params": ["bias"], "lr": 0.3}, {"params": _REST, "lr": _RISING}],
    ),
    "groups_decay_schedule": (
        "Momentum",
        {**_MOMENTUM, "weight_decay": 0.1},
        [
            {"params": ["bias"], "weight_decay": _FALLING},
            {"params": ["weight"]},
            {"params": ["gamma"], "lr": _RISING, "weight_decay": 0.0},
        ],
    ),
    "groups_schedule": (
        "AdamWeightDecay",
        {"learning_rate": 0.05, "weight_decay": 0.1},
        [
            {"params": ["bias"], "lr": ["CosineDecayLR", [0.01, 0.1, 8]]},
            {"params": _REST, "weight_decay": 0.3},
        ],
    ),
}
"""Optimizers whose third item are groups, as MindSpore takes them but with names."""

SCHEDULES = {
    "exponential": ("ExponentialDecayLR", (0.1, 0.9, 4)),
    "exponential_stair": ("ExponentialDecayLR", (0.1, 0.9, 4, True)),
    "natural": ("NaturalExpDecayLR", (0.1, 0.3, 4)),
    "natural_stair": ("NaturalExpDecayLR", (0.1, 0.3, 4, True)),
    "inverse": ("InverseDecayLR", (0.1, 0.5, 4)),
    "inverse_stair": ("InverseDecayLR", (0.1, 0.5, 4, True)),
    "cosine": ("CosineDecayLR", (0.01, 0.1, 8)),
    "polynomial": ("PolynomialDecayLR", (0.1, 0.01, 8, 0.5)),
    "polynomial_on": ("PolynomialDecayLR", (0.1, 0.01, 4, 2.0, True)),
    "warm_up": ("WarmUpLR", (0.1, 5)),
}

LISTS = {
    "piecewise_left_out": ("piecewise_constant_lr", ([2, 2, 5], [0.1, 0.05, 0.01])),
    "piecewise": ("piecewise_constant_lr", ([2, 5, 10], [0.1, 0.05, 0.01])),
    "exponential": ("exponential_decay_lr", (0.1, 0.9, 12, 2, 3)),
    "exponential_stair": ("exponential_decay_lr", (0.1, 0.9, 12, 2, 3, True)),
    "natural": ("natural_exp_decay_lr", (0.1, 0.9, 12, 2, 3)),
    "natural_stair": ("natural_exp_decay_lr", (0.1, 0.9, 12, 2, 3, True)),
    "inverse": ("inverse_decay_lr", (0.1, 0.5, 12, 2, 3)),
    "inverse_stair": ("inverse_decay_lr", (0.1, 0.5, 12, 2, 3, True)),
    "cosine": ("cosine_decay_lr", (0.01, 0.1, 12, 2, 3)),
    "polynomial": ("polynomial_decay_lr", (0.1, 0.01, 12, 2, 3, 0.5)),
    "polynomial_on": ("polynomial_decay_lr", (0.1, 0.01, 14, 2, 3, 2.0, True)),
    "warm_up": ("warmup_lr", (0.1, 12, 2, 3)),
}

LOOKUPS = {
    "lazy_adam": ("LazyAdam", {"learning_rate": 0.1}),
    "lazy_adam_decay": ("LazyAdam", {"learning_rate": 0.1, "weight_decay": 0.2}),
    "adam_lazy": ("Adam", {"learning_rate": 0.1, "use_lazy": True}),
    "adam": ("Adam", {"learning_rate": 0.1, "weight_decay": 0.2}),
    "ftrl": ("FTRL", {"learning_rate": 0.1, "l2": 0.1}),
}
"""Optimizers of a table of which each step meets some rows."""
