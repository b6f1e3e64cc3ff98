"""The canonical form: nothing but blanks changes, and a second pass is idle."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declspore.source import Source
from declspore.syntax.format import format_text
from declspore.syntax.parse import parse
from declspore.syntax.tokens import lines
from tests.conftest import ROOT

FILES = [*sorted((ROOT / "specs").glob("*.spec")), *sorted((ROOT / "examples").rglob("*.spec"))]
TEXTS = [path.read_text() for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_shipped_specs_are_canonical(path):
    assert format_text(path.read_text()) == path.read_text()


def test_spacing_indentation_and_alignment():
    text = """spec   1
let  a=[1,2 ,-3]# first


let b = [for i in 0..<3{a[ i ]*-2}]   # second
network Net( c:int=4 , w : strs = ["x"] ){

    # cells
  fc=Dense( c,c )
  longer = SequentialCell(
  Dense(c, 3,
  has_bias=false),
      relu,
  ) when c>2 and not(c==3)
  construct(x:f32[B,c])->f32[B, c]
  {
  y=x|>fc
  |>longer?
  return x[:,0 , 1 :]+y[-1]
  }

}
"""
    expected = """spec 1
let a = [1, 2, -3]  # first

let b = [for i in 0 ..< 3 { a[i] * -2 }]  # second
network Net(c: int = 4, w: strs = ["x"]) {
  # cells
  fc     = Dense(c, c)
  longer = SequentialCell(
    Dense(c, 3,
          has_bias = false),
    relu,
  ) when c > 2 and not (c == 3)
  construct(x: f32[B, c]) -> f32[B, c]
  {
    y = x |> fc
      |> longer?
    return x[:, 0, 1:] + y[-1]
  }
}
"""
    assert format_text(text) == expected


def test_tasks_and_edits():
    text = """spec 1
train t{
network=Net()
length =10 epochs
save "a-{step}.ckpt" every 2 steps keep 3 }
edit e {
in src=ckpt( "a.ckpt" )
out dst =ckpt("b.ckpt")
rename src.`fc{i:int}.{p}` except src.`fc3.*`->`dense{i}.{p}`   exactly 4
delete src.`x`,
src.re"y.*"
keep src.`z`
when exists(src.`q`){
join src.`{b}.k`,src.`{b}.q`
->`{b}.qk`
=concat(them)
}
ensure count(dst.`**`)==4 # all
rest keep
}"""
    expected = """spec 1
train t {
  network = Net()
  length  = 10 epochs
  save "a-{step}.ckpt" every 2 steps keep 3 }
edit e {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  rename src.`fc{i:int}.{p}` except src.`fc3.*` -> `dense{i}.{p}` exactly 4
  delete src.`x`,
    src.re"y.*"
  keep src.`z`
  when exists(src.`q`) {
    join src.`{b}.k`, src.`{b}.q`
      -> `{b}.qk`
      = concat(them)
  }
  ensure count(dst.`**`) == 4  # all
  rest keep
}
"""
    assert format_text(text) == expected


@settings(max_examples=60)
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False))
def test_canonical_whatever_blanks_stood_there(text, random):
    """Lines keep their tokens; blanks within and before them do not matter."""
    spoiled = []
    for row in lines(text):
        parts = [" " * random.randrange(7)]
        for left, right in zip(row, [*row[1:], None], strict=False):
            parts.append(left.text)
            if right is None:
                continue
            apart = text[left.start + len(left.text) : right.start] != ""
            parts.append(" " * random.randrange(1, 4) if apart else "")
        spoiled.append("".join(parts) + " " * random.randrange(3))
    formatted = format_text("\n".join(spoiled) + "\n" * random.randrange(4))
    assert formatted == text
    parse(Source("formatted", formatted))


def test_commands(declspore, here):
    (here / "a.spec").write_text("spec 1\nlet a=1\n")
    (here / "good.spec").write_text("spec 1\nlet a = 1\n")
    (here / "wrong.spec").write_text("spec 1\nlet a =\n")
    done = declspore("fmt", "--check", "a.spec", "good.spec")
    assert (done.returncode, done.stderr.strip()) == (1, "a.spec: would be formatted")
    done = declspore("fmt", "--diff", "a.spec")
    assert done.returncode == 0
    assert re.search(r"^-let a=1\n\+let a = 1$", done.stdout, re.MULTILINE)
    assert (here / "a.spec").read_text() == "spec 1\nlet a=1\n"
    done = declspore("fmt", "a.spec", "wrong.spec")
    assert done.returncode == 1
    assert "E101" in done.stderr
    assert (here / "a.spec").read_text() == (here / "good.spec").read_text()
    assert (here / "wrong.spec").read_text() == "spec 1\nlet a =\n"
    assert declspore("fmt", "--check", "a.spec", "good.spec").returncode == 0


def test_arguments_behind_their_bracket_are_indented_by_one_step():
    """Where the closing bracket begins a line, as docs/language.md writes sources."""
    text = (
        'spec 1\n\ndataset pairs = NumpySlices("pairs.npz",\n  data = [Column("x", [16])],\n'
        '  labels = [Column("same")],  # 1 or -1 for each pair\n) |> batch(32)\n'
    )
    assert format_text(text) == text
    assert format_text(text.replace("\n  ", "\n          ")) == text
