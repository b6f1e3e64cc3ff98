"""What names mean: definitions, references and the names at a place, without evaluation."""

from declspore.check.resolution import Role
from declspore.check.resolve import resolve
from declspore.source import Source
from declspore.syntax.parse import parse_partly

TEXT = """spec 1
let size = 4
cell Block(n: int) {
  fc = Dense(n, n)
  construct(x: f32[B, n]) {
    y = fc(x)
    for i in 0 ..< size { y = y + i }
    return y
  }
}
network Net() {
  first = Block(size)
  construct(x: f32[B, 4]) = x |> first
}
edit e {
  in src = ckpt("a.ckpt")
  out dst = ckpt("b.ckpt")
  rename src.`{m}.weight` where rank(it) == size -> `{m}.w`
  set src.`bias` = it + sizze
}
"""
SOURCE = Source("r.spec", TEXT)


def _resolution():
    return resolve(parse_partly(SOURCE).spec)


def _at(text, occurrence=0):
    start = -1
    for _ in range(occurrence + 1):
        start = TEXT.index(text, start + 1)
    return start


def test_a_use_leads_to_its_declaration():
    found = _resolution()
    declared = found.definition(_at("Block(size)") + len("Block("))
    assert (declared.name, declared.role, declared.span.line) == ("size", Role.LET, 2)
    assert found.definition(_at("fc(x)")).role is Role.FIELD
    assert found.definition(_at("Block(size)")).role is Role.CELL
    assert found.definition(_at("fc(x)") + 3).role is Role.INPUT
    assert found.definition(_at("n, n)")).role is Role.FORMAL
    assert found.definition(_at("it) ==")).role is Role.CAPTURE
    assert found.definition(_at("Dense")) is None


def test_a_declaration_leads_to_itself_and_its_uses():
    found = _resolution()
    declared = found.definition(_at("size"))
    assert [span.line for span in found.references(declared)] == [2, 7, 12, 18]


def test_the_names_at_a_place_are_those_that_can_be_used_there():
    found = _resolution()
    inside = set(found.names_at(_at("y + i")).visible())
    assert {"i", "y", "x", "fc", "n", "B", "size", "Block", "Net", "e"} <= inside
    outside = set(found.names_at(_at("first = Block")).visible())
    assert {"size", "Block"} <= outside
    assert not {"y", "fc", "i"} & outside
    assert {"src", "dst", "m", "it", "them"} <= set(found.names_at(_at("rank(it)")).visible())


def test_a_name_that_means_nothing_is_unknown():
    unknown = [use.name for part in _resolution().parts for use in part.uses if use.unknown]
    assert unknown == ["sizze"]


def test_what_hides_knows_what_it_hides():
    text = "spec 1\nlet a = 1\nlet b = [for a in [2] { a }]\n"
    found = resolve(parse_partly(Source("h.spec", text)).spec)
    (inner,) = found.parts[1].declared
    assert (inner.role, inner.hides.span.line) == (Role.LOOP, 2)


def test_damaged_text_leaves_the_rest_resolved():
    cells = "  fc = Dense(2\n  construct(x: f32[B]) = fc(x)\n"
    text = f"spec 1\nlet a = )\nlet b = a\nnetwork N() {{\n{cells}}}\n"
    found = resolve(parse_partly(Source("d.spec", text)).spec)
    names = {use.name for part in found.parts for use in part.uses if use.unknown}
    assert not names
