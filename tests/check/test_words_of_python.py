"""Words that a spec imports from a file of Python."""

import subprocess
import sys

import numpy as np
import pytest

import declspore
from declspore import DiagnosticError, Tensor, nn

pytestmark = pytest.mark.usefixtures("words_as_before")

WORDS = """
from declspore.ir.dtype import FLOAT32
from declspore.registry.cell import CellKind
from declspore.registry.loss import LossKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number

KINDS = (
    CellKind(
        name="Squash{n}",
        signature=signature(Argument("by", Number(), 2.0, "what it is divided by")),
        summary="x / by, between -1 and 1.",
        example="Squash{n}(3.0)",
        infer=lambda a, x: x,
        lower=lambda b, a, x: b.elementwise(lambda t: b.keras.ops.tanh(t / a.by), x),
    ),
    LossKind(
        name="LogCosh{n}",
        signature=signature(),
        summary="mean(log(cosh(logits - labels))).",
        example="LogCosh{n}()",
        fit=lambda a, logits, labels: None,
        compute=lambda ops, a, x, y: ops.mean(ops.log(ops.cosh(x - y))),
    ),
)
"""
SPEC = """spec 1

import "words.py" (Squash{n}, LogCosh{n})

network Net() {{
  d = Dense(4, 4)
  s = Squash{n}(by = 4.0)

  construct(x: f32[B, 4]) {{
    return s(d(x))
  }}
}}
"""


@pytest.fixture
def written(here):
    """Writes words and a spec that imports them."""

    def write(n):
        (here / "words.py").write_text(WORDS.replace("{n}", n))
        (here / "net.spec").write_text(SPEC.format(n=n))
        return here / "net.spec"

    return write


def test_a_cell_and_a_loss(written):
    path = written("A")
    with pytest.raises(DiagnosticError, match="is Python, which a spec runs only where"):
        declspore.load(path)
    net = declspore.load(path, allow_python=True).Net()
    x = np.ones((2, 4), np.float32)
    d = net.parameters_dict()
    inner = x @ d["d.weight"].asnumpy().T + d["d.bias"].asnumpy()
    np.testing.assert_allclose(net.predict(x, verbose=0), np.tanh(inner / 4), rtol=1e-5)
    assert nn.SquashA(by=1.0)(Tensor([0.0])).asnumpy().tolist() == [0]
    loss = nn.LogCoshA()(Tensor([1.0]), Tensor([0.0]))
    assert float(loss) == pytest.approx(np.log(np.cosh(1)), rel=1e-6)


def test_the_command_line(written):
    written("B")
    command = [sys.executable, "-m", "declspore"]
    for arguments in (["check", "net.spec"], ["summary", "net.spec:Net"]):
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
        assert done.returncode == 1
        assert "error[E217]" in done.stderr
        assert "look at the file, then give --allow-python" in done.stderr
        allowed = [*command, *arguments, "--allow-python"]
        done = subprocess.run(allowed, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("KINDS = 3", "it does not have KINDS"),
        ("KINDS = (3,)", "KINDS has a int, which is not a word"),
        ("x = 1\n1 / 0", "line 2: ZeroDivisionError: division by zero"),
        ("import", "SyntaxError"),
        (WORDS.replace("LogCosh{n}", "Conv2d").replace("{n}", "C"), "`Conv2d` exists already"),
    ],
)
def test_what_is_no_file_of_words(here, text, message):
    (here / "wrong.py").write_text(text)
    (here / "wrong.spec").write_text('spec 1\n\nimport "wrong.py" (Word)\n')
    with pytest.raises(DiagnosticError) as caught:
        declspore.load(here / "wrong.spec", allow_python=True)
    (problem,) = caught.value.diagnostics
    assert problem.code == "E217"
    assert message in problem.title
    with pytest.raises(ValueError, match="does not give words"):
        declspore.add_words(here / "wrong.py")


def test_a_word_that_is_not_there(written):
    path = written("D")
    path.write_text(path.read_text().replace("LogCoshD)", "LogCos)"))
    with pytest.raises(DiagnosticError, match="LogCoshD"):
        declspore.load(path, allow_python=True)
