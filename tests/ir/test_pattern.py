"""Path patterns: what they match, what they capture, what templates make of it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declspore.ir.pattern import PatternError, exact_pattern, path_pattern, regex_pattern, template

segments = st.text(st.characters(codec="utf-8", exclude_characters=".{}*`\n"), min_size=1)
paths = st.lists(segments, min_size=1, max_size=5).map(".".join)


@pytest.mark.parametrize(
    ("pattern", "path", "captures"),
    [
        ("conv1.weight", "conv1.weight", {}),
        ("conv1.weight", "xconv1.weight", None),
        ("layer1", "layer10", None),
        ("layer*", "layer10", {}),
        ("layer*", "layer10.weight", None),
        ("*.weight", "fc.weight", {}),
        ("*.weight", "a.fc.weight", None),
        ("**.weight", "a.fc.weight", {}),
        ("**.weight", "weight", None),
        ("moments.**", "moments.fc.weight", {}),
        ("moments.**", "moments", None),
        ("layer{s:int}.{b:int}.bn{k}.{p**}", "layer3.11.bn2.gamma", {"s": "3", "b": "11"}),
        ("layer{s:int}.x", "layerA.x", None),
        ("{a}.{b}", "x.y.z", None),
        ("{a**}.{b}", "x.y.z", {"a": "x.y", "b": "z"}),
        ("a+b.c", "a+b.c", {}),
        ("a+b.c", "aab.c", None),
    ],
)
def test_match(pattern, path, captures):
    found = path_pattern(pattern).match(path)
    if captures is None:
        assert found is None
    else:
        assert found is not None
        assert captures.items() <= found.items()


@given(paths)
def test_a_path_matches_itself_alone(path):
    pattern = path_pattern(path)
    assert pattern.is_exact
    assert pattern.match(path) == {}
    assert pattern.match(path + "x") is None
    assert pattern.match("x." + path) is None


@given(paths)
def test_the_rest_captures_everything(path):
    assert path_pattern("{all**}").match(path) == {"all": path}
    assert template("new.{all}").fill({"all": path}) == f"new.{path}"


_PARTS = st.text("ab.*+", max_size=4)


@given(_PARTS, _PARTS, st.text("ab.+\n", max_size=7))
def test_a_star_alone_matches_as_when_it_is_compiled(before, after, path):
    with suppress(PatternError):
        pattern = path_pattern(f"{before}*{after}")
        for each in (path, before + path + after, before + after):
            assert pattern.matches(each) is (pattern.match(each) is not None)


def test_an_exact_name_may_have_a_star():
    pattern = exact_pattern("a*b")
    assert pattern.matches("a*b")
    assert not pattern.matches("axb")
    assert regex_pattern("a*").matches("aa")


def test_regex_matches_whole():
    assert regex_pattern(r"layer\d+\.w").match("layer12.w") == {}
    assert regex_pattern(r"layer\d").match("layer12") is None
    assert regex_pattern(r"(?P<x>.*)\.w").match("a.w") == {"x": "a"}


@pytest.mark.parametrize(
    ("text", "captures", "path"),
    [
        ("a.{x}", {"x": "y"}, "a.y"),
        ("layer{i - 1}.{p}", {"i": "5", "p": "w"}, "layer4.w"),
        ("layer{i + 10}", {"i": "5"}, "layer15"),
    ],
)
def test_fill(text, captures, path):
    assert template(text).fill(captures) == path


@pytest.mark.parametrize(
    "text", ["", ".a", "a.", "a..b", "{1}", "{x", "x}", "{a}.{a}", "{a:str}", "a.{b c}"]
)
def test_malformed_pattern(text):
    with pytest.raises(PatternError):
        path_pattern(text)


@pytest.mark.parametrize("text", ["", "a..b", "*", "a.**", "{x * 2}", "{x:int}", "{"])
def test_malformed_template(text):
    with pytest.raises(PatternError):
        template(text)


def test_malformed_regex():
    with pytest.raises(PatternError, match="regular expression"):
        regex_pattern("(")


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_an_error(text):
    for compile_ in (path_pattern, template, regex_pattern):
        with suppress(PatternError):
            compile_(text)


@pytest.mark.parametrize(
    "pattern",
    [
        regex_pattern(r"(a+)+b"),
        regex_pattern(r"(.*)(.*)(.*)(.*)(.*)x"),
        path_pattern(".".join(f"{{a{i}**}}" for i in range(12)) + ".x"),
    ],
    ids=str,
)
def test_matching_takes_linear_time(pattern):
    """Names with so many ways to be told apart that trying them all would never end."""
    assert pattern.match(".".join(["aa"] * 2_000)) is None
    assert pattern.match("a" * 10_000) is None


def test_both_engines_capture_alike():
    one, two = path_pattern("{a**}.{k}"), path_pattern("{a**}.{b**}.{k}")
    assert one.match("x.y.z") == {"a": "x.y", "k": "z"}
    assert two.match("w.x.y.z") == {"a": "w.x", "b": "y", "k": "z"}


@pytest.mark.parametrize("text", ["(?=a)b", r"(a)\1"])
def test_what_takes_more_than_linear_time_is_no_regular_expression(text):
    with pytest.raises(PatternError, match="not a regular expression"):
        regex_pattern(text)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("a.b", "a.b"), ("layer{i:int}.*", "layer"), ("**.weight", ""), ("a.*", "a."), ("{x}", "")],
)
def test_prefix(text, prefix):
    """What every path that matches begins with."""
    assert path_pattern(text).prefix == prefix
    assert regex_pattern("a.*").prefix == ""


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("a.b", "a.b"),
        ("layer{i:int}.*", ""),
        ("**.weight", ".weight"),
        ("*.a", ".a"),
        ("{x}b", "b"),
    ],
)
def test_suffix(text, suffix):
    """What every path that matches ends with."""
    assert path_pattern(text).suffix == suffix
    assert regex_pattern(".*a").suffix == ""
