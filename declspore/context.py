"""``mindspore.context``: what scripts set before they build a network.

Keras decides where to compute, and networks are compiled in either mode; settings are kept, so
that scripts can ask for them, and change nothing.
"""

from __future__ import annotations

from declspore.porting.names import absent

GRAPH_MODE, PYNATIVE_MODE = 0, 1
STRICT, COMPATIBLE, LAX = 0, 1, 2


class ParallelMode:
    """MindSpore's names of ways to train on several devices; here a script runs on one."""

    STAND_ALONE = "stand_alone"
    DATA_PARALLEL = "data_parallel"
    HYBRID_PARALLEL = "hybrid_parallel"
    SEMI_AUTO_PARALLEL = "semi_auto_parallel"
    AUTO_PARALLEL = "auto_parallel"
    MODE_LIST = (STAND_ALONE, DATA_PARALLEL, HYBRID_PARALLEL, SEMI_AUTO_PARALLEL, AUTO_PARALLEL)


_KNOWN = (
    *("mode", "device_target", "device_id", "max_call_depth", "save_graphs", "save_graphs_path"),
    *("enable_graph_kernel", "graph_kernel_flags", "enable_reduce_precision", "precompile_only"),
    *("enable_compile_cache", "compile_cache_path", "runtime_num_threads", "deterministic"),
    *("memory_optimize_level", "max_device_memory", "mempool_block_size", "memory_offload"),
    *("pynative_synchronize", "jit_level", "jit_config", "jit_syntax_level", "exec_order"),
    *("env_config_path", "print_file_path", "check_bprop", "debug_level", "op_timeout"),
    *("ascend_config", "gpu_config", "aoe_tune_mode", "aoe_config", "inter_op_parallel_num"),
    *("disable_format_transform", "support_binary", "variable_memory_max_size"),
    *("enable_sparse", "enable_profiling", "profiling_options", "enable_dump", "save_dump_path"),
    *("reserve_class_name_in_scope", "enable_task_sink", "auto_tune_mode", "grad_for_scalar"),
    *("hccl_config_path", "pijit_config", "enable_mem_reuse", "enable_hccl"),
)
_TARGETS = ("Ascend", "GPU", "CPU", "Davinci")
_START: dict[str, object] = {"mode": PYNATIVE_MODE, "device_target": "CPU", "device_id": 0}
_settings: dict[str, object] = dict(_START)


def set_context(**settings: object) -> None:
    """Keep MindSpore's settings. They change nothing: Keras decides where and how to compute.

    Raises ValueError for what MindSpore does not have.
    """
    from declspore.spelling import closest

    for name, value in settings.items():
        if name not in _KNOWN:
            near = closest(name, _KNOWN)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ValueError(f"set_context does not have '{name}'{hint}")
        if name == "mode" and value not in (GRAPH_MODE, PYNATIVE_MODE):
            raise ValueError(f"mode must be GRAPH_MODE or PYNATIVE_MODE, not {value!r}")
        if name == "device_target" and value not in _TARGETS:
            raise ValueError(f"device_target must be one of {', '.join(_TARGETS)}, not {value!r}")
    _settings.update(settings)


def get_context(attr_key: str) -> object:
    """A setting. Raises ValueError for what MindSpore does not have."""
    if attr_key not in _KNOWN:
        raise ValueError(f"get_context does not have {attr_key!r}")
    return _settings.get(attr_key)


__all__ = [
    "ParallelMode",
    *("GRAPH_MODE", "PYNATIVE_MODE", "STRICT", "COMPATIBLE", "LAX", "set_context", "get_context"),
]
__getattr__ = absent("declspore.context", lambda: __all__)
