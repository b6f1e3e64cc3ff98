"""Initializers to compare by the quantiles of many values: in the spec, in MindSpore, and why the
two differ where they do."""

SHAPE = (300, 400)
QUANTILES = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)
_UNIFORM = "MindSpore 2.10 draws the default uniformly; the documented normal is followed here."

INITIALIZERS = {
    "Zero()": ("init.Zero()", None),
    "One()": ("init.One()", None),
    "Constant(0.5)": ("init.Constant(0.5)", None),
    "Uniform()": ("init.Uniform()", None),
    "Uniform(0.05)": ("init.Uniform(0.05)", None),
    "Normal()": ("init.Normal()", None),
    "Normal(0.02, 0.1)": ("init.Normal(0.02, 0.1)", None),
    "TruncatedNormal(0.02)": ("init.TruncatedNormal(0.02)", None),
    "TruncatedNormal(1.0)": ("init.TruncatedNormal(1.0)", None),
    "TruncatedNormal(2.0, 1.0)": ("init.TruncatedNormal(2.0, 1.0)", None),
    "TruncatedNormal(1.0, 3.0, a = -1.0, b = 1.0)": (
        "init.TruncatedNormal(1.0, 3.0, -1.0, 1.0)",
        None,
    ),
    "HeUniform()": ("init.HeUniform()", None),
    "HeUniform(negative_slope = 0.2)": ("init.HeUniform(0.2)", None),
    'HeUniform(nonlinearity = "sigmoid")': ("init.HeUniform(nonlinearity='sigmoid')", None),
    'HeNormal(nonlinearity = "tanh")': ("init.HeNormal(nonlinearity='tanh')", None),
    'HeNormal(mode = "fan_out")': ("init.HeNormal(mode='fan_out')", None),
    'HeNormal(nonlinearity = "relu")': ("init.HeNormal(nonlinearity='relu')", None),
    'HeNormal(nonlinearity = "conv_transpose2d")': (
        "init.HeNormal(nonlinearity='conv_transpose2d')",
        None,
    ),
    "XavierUniform(2.0)": ("init.XavierUniform(2.0)", None),
    "XavierNormal()": ("init.XavierNormal()", None),
    "VarianceScaling()": ("init.VarianceScaling()", _UNIFORM),
    'VarianceScaling(2.0, mode = "fan_avg", distribution = "uniform")': (
        "init.VarianceScaling(2.0, 'fan_avg', 'uniform')",
        None,
    ),
    'VarianceScaling(distribution = "untruncated_normal")': (
        "init.VarianceScaling(distribution='untruncated_normal')",
        None,
    ),
    "Sparse(0.25, 0.5)": ("init.Sparse(0.25, 0.5)", None),
    "Orthogonal(2.0)": ("init.Orthogonal(2.0)", None),
    "IdentityMatrix()": ("init.Identity()", None),
    "Dirac()": ("init.Dirac()", None),
    "Dirac(2)": ("init.Dirac(2)", None),
}
EXACT = ("Zero()", "One()", "Constant(0.5)", "IdentityMatrix()", "Dirac()", "Dirac(2)")


def shape_of(case):
    return (6, 4, 3, 3) if case.startswith("Dirac") else SHAPE
