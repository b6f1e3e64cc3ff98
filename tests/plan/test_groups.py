"""Groups of parameters in a spec: what the checker says, and the order the checkpoint gets."""

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.lower.optimizer import Optimizer
from declspore.tasks.train.plan import training_header
from declspore.training.checkpoint import training_parameters
from tests.support import checked, problems

SPEC = """
network Net() {{
  norm = BatchNorm1d(64)
  body = Dense(64, 32)
  head = Dense(32, 10)
  construct(x: f32[B, 8, 8, 1]) = x |> flatten |> norm |> body |> head
}}
dataset d = Digits() |> Rescale(0.1, 0.0) |> batch(32)
optimizer o = {optimizer}
train t {{
  network = Net()
  dataset = d
  loss = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = o
  length = 2 steps
}}
"""
GROUPED = (
    "Momentum(0.1, 0.9, weight_decay = 0.01, groups = [Group(`head.*`, lr = 0.5), "
    "Group([`**.bias`, `norm.*`], weight_decay = 0.0), Group(`**`)]{more})"
)


def _task(optimizer):
    return checked(SPEC.format(optimizer=optimizer)).tasks["t"]


def test_groups_order_the_checkpoint():
    task = _task(GROUPED.format(more=""))
    names = [entry.name for entry in training_header(task)]
    assert names == [
        *("head.weight", "head.bias", "norm.gamma", "norm.beta", "body.bias", "body.weight"),
        *("norm.moving_mean", "norm.moving_variance"),
        *("global_step", "learning_rate_group_0", "learning_rate", "momentum"),
        *("moments.head.weight", "moments.head.bias", "moments.norm.gamma", "moments.norm.beta"),
        *("moments.body.bias", "moments.body.weight"),
    ]
    model = compile_network(task.network)
    optimizer = Optimizer.of(task.optimizer, binding_of(model).trainable)
    assert list(training_parameters(model, optimizer)) == names
    assert optimizer.state()["learning_rate_group_0"].asnumpy() == 0.5


def test_order_params_keeps_the_networks_order():
    names = [e.name for e in training_header(_task(GROUPED.format(more=", order_params = true")))]
    assert names[:6] == [
        *("norm.gamma", "norm.beta", "body.weight", "body.bias", "head.weight", "head.bias")
    ]
    assert names[8:11] == ["global_step", "learning_rate", "learning_rate_group_0"]


def test_what_does_not_fit_is_told():
    lonely = SPEC.format(optimizer="Adam(groups = [Group(`head.*`)])")
    assert problems(lonely) == [
        "E306 10 Adam: no group takes `norm.gamma`, `norm.beta`, `body.weight` and 1 more"
    ]
    empty = SPEC.format(optimizer="Adam(groups = [Group(`**`), Group(`tail.*`)])")
    assert problems(empty) == ["E306 10 Adam: `tail.*` matches no parameter of the network"]
    decayed = "AdamWeightDecay(groups = [Group(`**`, grad_centralization = true)])"
    assert problems(SPEC.format(optimizer=decayed)) == [
        "E306 10 AdamWeightDecay: it does not centralise gradients"
    ]
    wrong = SPEC.format(optimizer='Adam(groups = [Group("head")])')
    assert len(problems(wrong)) == 1
