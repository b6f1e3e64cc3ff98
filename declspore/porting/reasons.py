"""Why names of MindSpore are absent, by patterns over their qualified names."""

from __future__ import annotations

from fnmatch import fnmatchcase

NOT_WRITTEN = "not written yet"

_DEVICES = "it steers MindSpore's runtime and devices, which do not exist here; leave it out"
_DISTRIBUTED = "it belongs to MindSpore's own distribution, which scripts cannot reach here"
_RESHARD = "`declspore convert --strategy OLD --new-strategy NEW` does that (docs/sharded.md)"
_SPARSE = "sparse tensors do not exist here"
_GRAPH = "it handles MindSpore's compiled graph, which does not exist here"
INTERNAL = "it is internal to MindSpore"
_LOW = "its element type does not exist in Keras"
_PRIMITIVE = "a primitive without an op in declspore's vocabulary (docs/reference.md)"
_OP = "an op that is not in declspore's vocabulary (docs/reference.md)"
_CELL = "a cell that is not in declspore's vocabulary (docs/reference.md)"
_INPLACE = "it changes a tensor in place; tensors of a network do not change"
_MINT = "MindSpore's mint is for Ascend's processors; declspore.ops and declspore.nn have the same"
_NUMPY = "use declspore.ops, or NumPy on tensor.asnumpy()"
_EXPERIMENTAL = "use the optimizers and schedules of declspore.nn"
_DATASET = "not among the sources and transforms of declspore's vocabulary (docs/reference.md)"

_REASONS: tuple[tuple[str, str], ...] = (
    ("mindspore.mint*", _MINT),
    ("mindspore.numpy*", _NUMPY),
    ("mindspore.experimental*", _EXPERIMENTAL),
    ("mindspore.communication*", _DISTRIBUTED),
    ("mindspore.load", "MindIR files are not read; declspore.load reads specs"),
    ("mindspore.train.load", "MindIR files are not read"),
    ("mindspore*.load_mindir", "MindIR files are not read"),
    ("mindspore*.save_mindir", "MindIR files are not written"),
    ("mindspore*.export_split_mindir", "MindIR files are not written"),
    ("mindspore*.*obfusc*", "models are not obfuscated"),
    ("mindspore.nn.GraphCell", "MindIR files are not read"),
    ("mindspore*.Profiler", "use Keras's TensorBoard callback, or the backend's profiler"),
    ("mindspore*.*Mem*", _DEVICES),
    ("mindspore*.*memory*", _DEVICES),
    ("mindspore*.*[sS]tream*", _DEVICES),
    ("mindspore*.*device*", _DEVICES),
    ("mindspore*.Device*", _DEVICES),
    ("mindspore*.*mindio*", _DEVICES),
    ("mindspore*.*kernel*", _DEVICES),
    ("mindspore*.*affinity*", _DEVICES),
    ("mindspore*.set_dump", _DEVICES),
    ("mindspore*.*flops*", _DEVICES),
    ("mindspore*.*Flops*", _DEVICES),
    ("mindspore*.*offload*", _DEVICES),
    ("mindspore*.pin_memory", _DEVICES),
    ("mindspore*.transform_checkpoint*", _RESHARD),
    (
        "mindspore*.unified_safetensors",
        "`declspore convert --strategy FILE --index unified` does that (docs/sharded.md)",
    ),
    (
        "mindspore*.load_distributed_checkpoint",
        "declspore.open_checkpoint(folder, strategy=...) reads the files of all ranks",
    ),
    (
        "mindspore*.merge_pipeline_strategys",
        'a pattern names the strategy files of all stages: strategy="stages/*.ckpt"',
    ),
    ("mindspore*.*auto_parallel*", _DISTRIBUTED),
    ("mindspore*.*algo_parameters*", _DISTRIBUTED),
    ("mindspore*.*ps_context*", _DISTRIBUTED),
    ("mindspore*.*strateg*", _DISTRIBUTED),
    ("mindspore*.*distributed*", _DISTRIBUTED),
    ("mindspore*.*Distributed*", _DISTRIBUTED),
    ("mindspore*.*[pP]ipeline*", _DISTRIBUTED),
    ("mindspore*.*_by_rank", _DISTRIBUTED),
    ("mindspore*.*rank*convert*", _DISTRIBUTED),
    ("mindspore*.rank_list_*", _DISTRIBUTED),
    ("mindspore*.*shard*", _DISTRIBUTED),
    ("mindspore*.*parallel*", _DISTRIBUTED),
    ("mindspore*.*Parallel*", _DISTRIBUTED),
    ("mindspore*.Layout", _DISTRIBUTED),
    ("mindspore*.*group_info*", _DISTRIBUTED),
    ("mindspore*.merge_sliced_parameter", "`declspore edit` joins slices of checkpoints"),
    ("mindspore*.*broadcast_param*", _DISTRIBUTED),
    ("mindspore*.parameter_broadcast", _DISTRIBUTED),
    ("mindspore.nn.Cell.*comm*", _DISTRIBUTED),
    ("mindspore.ops.All*", _DISTRIBUTED),
    ("mindspore.ops.all_[rgt]*", _DISTRIBUTED),
    ("mindspore.ops.*scatter_tensor*", _DISTRIBUTED),
    ("mindspore.ops.*process_group*", _DISTRIBUTED),
    ("mindspore.ops.*_rank", _DISTRIBUTED),
    ("mindspore*.COO*", _SPARSE),
    ("mindspore*.CSR*", _SPARSE),
    ("mindspore*.RowTensor", _SPARSE),
    ("mindspore*.Sparse*", _SPARSE),
    ("mindspore.ops.coo*", _SPARSE),
    ("mindspore.ops.csr*", _SPARSE),
    ("mindspore*.to_coo", _SPARSE),
    ("mindspore*.to_csr", _SPARSE),
    ("mindspore*.complex*", _LOW),
    ("mindspore*.cfloat", _LOW),
    ("mindspore*.cdouble", _LOW),
    ("mindspore*.float8*", _LOW),
    ("mindspore*.hifloat8", _LOW),
    ("mindspore*.qint4x2", _LOW),
    ("mindspore*.Symbol*", _GRAPH),
    ("mindspore*.Node*", _GRAPH),
    ("mindspore*.ScopedValue", _GRAPH),
    ("mindspore*.lazy_inline", _GRAPH),
    ("mindspore*.*inline", _GRAPH),
    ("mindspore*.*recompute*", _GRAPH),
    ("mindspore*.*custom_pass*", _GRAPH),
    ("mindspore*.*custom_backend*", _GRAPH),
    ("mindspore*.*op_infer*", _GRAPH),
    ("mindspore*.*op_wrapper*", _GRAPH),
    ("mindspore.nn.Cell.*hook*", _GRAPH),
    ("mindspore.nn.Cell.*compile*", _GRAPH),
    ("mindspore.nn.Cell.*phase*", _GRAPH),
    ("mindspore.nn.Cell.*jit*", _GRAPH),
    ("mindspore.*ToMR", "MindRecord files are not written"),
    ("mindspore.FileWriter", "MindRecord files are not written"),
    ("mindspore*.Cell.*state_dict*", "use parameters_dict, and load_param_into_net"),
    ("mindspore*.Generator", "use set_seed"),
    ("mindspore*.default_generator", "use set_seed"),
    ("mindspore*.*rng_state", "use set_seed"),
    ("mindspore*.initial_seed", "use get_seed"),
    ("mindspore*.seed", "use set_seed"),
    ("mindspore*.Int", INTERNAL),
    ("mindspore*.QuantDtype", INTERNAL),
    ("mindspore*.[lt]*_", INTERNAL),
    ("mindspore*.K_CONTEXT", INTERNAL),
    ("mindspore*.cache_*", _DISTRIBUTED),
    ("mindspore*.infer_*_layout", _DISTRIBUTED),
    ("mindspore*.Convert*Utils", _GRAPH),
    ("mindspore*.*jit_config", _GRAPH),
    ("mindspore*.JitConfig", _GRAPH),
    ("mindspore*.TrainFaultTolerance", _DISTRIBUTED),
    ("mindspore*.SummaryLandscape", "MindInsight, which shows it, is not maintained"),
    ("mindspore*.OcclusionSensitivity", "a metric that is not in declspore's vocabulary"),
    ("mindspore.nn.*Thor", "the second-order optimizer THOR does not exist here"),
    ("mindspore.nn.thor", "the second-order optimizer THOR does not exist here"),
    ("mindspore.nn.*Ext", INTERNAL),
    ("mindspore.nn.*", _CELL),
    ("mindspore.ops.[A-Z]*", _PRIMITIVE),
    ("mindspore.ops.*", _OP),
    ("mindspore.Tensor.*_", _INPLACE),
    ("mindspore.Tensor.*", _OP),
    ("mindspore.dataset*", _DATASET),
)


def reason_of(home: str, name: str) -> str:
    """Why a name of a module or class is absent, or what replaces it."""
    qualified = f"{home}.{name}"
    found = (reason for pattern, reason in _REASONS if fnmatchcase(qualified, pattern))
    return next(found, NOT_WRITTEN)
