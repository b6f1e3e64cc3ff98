"""Specs of a small training."""

SPEC = """network Net() {{
  one = Dense(2, 8)
  two = Dense(8, 3)
  construct(x: f32[B, 2]) = x |> one |> relu |> two
}}
dataset d = NumpySlices("d.npz", data = [Column("x", [2])], labels = [Column("y", dtype = i32)])
  |> batch(4)
train t {{
  network   = Net()
  dataset   = d
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = {rate}, momentum = 0.9)
  length    = {length}
  {freeze}
  policies  = [{policies}]
  {more}
}}
"""


def with_policies(policies, freeze="[]", *, rate="0.1", length="2 epochs", more=""):
    """A spec, without its first line, whose training has these policies, in line 16."""
    given = "" if freeze == "[]" else f"freeze = {freeze}"
    return SPEC.format(policies=policies, freeze=given, rate=rate, length=length, more=more)
