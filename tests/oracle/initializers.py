"""Initializers to compare by the quantiles of many values: in the spec, in MindSpore, and why the
two differ where they do."""

from tests.oracle.spelling import python

SHAPE = (300, 400)
QUANTILES = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)
_UNIFORM = "MindSpore 2.10 draws the default uniformly; the documented normal is followed here."

_ALIKE = (
    *("Zero()", "One()", "Constant(0.5)", "Uniform()", "Uniform(0.05)"),
    *("Normal()", "Normal(0.02, 0.1)", "TruncatedNormal(0.02)", "TruncatedNormal(1.0)"),
    *("TruncatedNormal(2.0, 1.0)", "TruncatedNormal(1.0, 3.0, a = -1.0, b = 1.0)"),
    *("HeUniform()", "HeUniform(negative_slope = 0.2)", 'HeUniform(nonlinearity = "sigmoid")'),
    *('HeNormal(nonlinearity = "tanh")', 'HeNormal(mode = "fan_out")'),
    *('HeNormal(nonlinearity = "relu")', 'HeNormal(nonlinearity = "conv_transpose2d")'),
    *("XavierUniform(2.0)", "XavierNormal()"),
    'VarianceScaling(2.0, mode = "fan_avg", distribution = "uniform")',
    'VarianceScaling(distribution = "untruncated_normal")',
    *("Sparse(0.25, 0.5)", "Orthogonal(2.0)", "Dirac()", "Dirac(2)"),
)

INITIALIZERS = {
    **{call: (f"init.{python(call)}", None) for call in _ALIKE},
    "VarianceScaling()": ("init.VarianceScaling()", _UNIFORM),
    "IdentityMatrix()": ("init.Identity()", None),
}
EXACT = ("Zero()", "One()", "Constant(0.5)", "IdentityMatrix()", "Dirac()", "Dirac(2)")


def shape_of(case):
    return (6, 4, 3, 3) if case.startswith("Dirac") else SHAPE
