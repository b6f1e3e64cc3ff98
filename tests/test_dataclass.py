"""Dataclasses whose methods are made late do what the standard's do."""

import copy
import dataclasses
import pickle
import re
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import ClassVar

import pytest

from declspore.dataclass import dataclass
from tests.conftest import ROOT


def _classes(make):
    """The same classes by one of the two."""

    @make(frozen=True)
    class Base:
        """With a default."""

        kind: ClassVar[str] = "base"
        first: int
        second: str = "two"

    @make(frozen=True, kw_only=True)
    class Below(Base):
        many: tuple[int, ...] = ()
        made: list[int] = field(default_factory=list, compare=False, repr=False)

    @make(frozen=True, slots=True)
    class Slotted:
        a: int
        b: object = None
        c: int = field(default=3, hash=False)

    @make(frozen=True, eq=False)
    class Same:
        a: int

    @make(frozen=True)
    class Derived:
        a: int
        b: int = field(init=False, default=0)

        def __post_init__(self):
            object.__setattr__(self, "b", self.a + 1)

    return {each.__name__: each for each in (Base, Below, Slotted, Same, Derived)}


OURS, STANDARD = _classes(dataclass), _classes(dataclasses.dataclass)
CALLS = [
    ("Base", (1,), {}),
    ("Base", (1, "b"), {}),
    ("Base", (), {"second": "x", "first": 2}),
    ("Below", (1,), {"many": (1, 2)}),
    ("Below", (1, "z"), {"made": [1]}),
    ("Slotted", (1,), {}),
    ("Slotted", (1, [], 5), {}),
    ("Derived", (4,), {}),
]
WRONG = [
    ("Base", (), {}),
    ("Base", (1, 2, 3), {}),
    ("Below", (1, 2, (3,)), {}),
    ("Slotted", (1,), {"d": 1}),
    ("Derived", (1, 2), {}),
]


@pytest.mark.parametrize(("name", "args", "named"), CALLS)
def test_instances_are_alike(name, args, named):
    mine, other = OURS[name](*args, **named), STANDARD[name](*args, **named)
    assert repr(mine) == repr(other).replace("<lambda>", "")
    assert dataclasses.asdict(mine) == dataclasses.asdict(other)
    assert [f.name for f in fields(mine)] == [f.name for f in fields(other)]
    assert OURS[name].__match_args__ == STANDARD[name].__match_args__
    assert mine == OURS[name](*args, **named)
    assert mine != other
    assert replace(mine) == mine
    assert copy.deepcopy(mine) == mine
    assert hasattr(mine, "__dict__") == hasattr(other, "__dict__")
    if not any(isinstance(value, list) for value in args):
        assert hash(mine) == hash(other)
    for change in (setattr, lambda it, key, _: delattr(it, key)):
        with pytest.raises(FrozenInstanceError, match=fields(mine)[0].name):
            change(mine, fields(mine)[0].name, 1)
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        mine.other = 1


@pytest.mark.parametrize(("name", "args", "named"), WRONG)
def test_wrong_calls_are_refused_alike(name, args, named):
    with pytest.raises(TypeError) as mine:
        OURS[name](*args, **named)
    with pytest.raises(TypeError) as other:
        STANDARD[name](*args, **named)
    assert str(mine.value) == str(other.value)


def test_what_is_not_compared():
    below = OURS["Below"]
    assert below(1, made=[1]) == below(1, made=[2])
    assert hash(below(1, made=[1])) == hash(below(1, made=[2]))
    assert OURS["Same"](1) != OURS["Same"](1)
    assert OURS["Base"](1) != below(1)
    assert below(1).made is not below(1).made


@pytest.mark.parametrize("make", [dataclass, dataclasses.dataclass])
def test_either_kind_extends_the_other(make):
    other = dataclasses.dataclass if make is dataclass else dataclass

    @make(frozen=True)
    class First:
        a: int

    @other(frozen=True)
    class Second(First):
        b: int = 2

    assert repr(Second(1)).endswith("Second(a=1, b=2)")
    assert Second(1) == Second(1, 2) != Second(1, 3)
    with pytest.raises(TypeError, match="frozen"):

        @dataclasses.dataclass
        class Third(First):
            c: int = 3


def test_plain_subclasses_have_attributes_of_their_own():
    class More(OURS["Base"]):
        pass

    more = More(1)
    more.extra = 2
    assert (more.first, more.extra) == (1, 2)
    with pytest.raises(FrozenInstanceError):
        more.first = 2


@dataclass(frozen=True, slots=True)
class Sent:
    a: int
    b: tuple[int, ...] = ()


def test_slots_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(Sent(1, (2,)))) == Sent(1, (2,))


def test_mistakes_in_a_class_are_reported():
    with pytest.raises(TypeError, match="needs a default"):

        @dataclass(frozen=True)
        class Wrong:
            a: int = 1
            b: int

    with pytest.raises(ValueError, match="default_factory"):

        @dataclass(frozen=True)
        class Changing:
            a: list[int] = []  # noqa: RUF012


def test_the_package_has_one():
    """The standard's takes longer to define a class, and commands define hundreds."""
    folder = ROOT / "declspore"
    own = (path for path in folder.rglob("*.py") if path != folder / "dataclass.py")
    late = re.compile(
        r"^\s*from dataclasses import .*\bdataclass\b|\bdataclasses\.dataclass\b", re.M
    )
    assert [str(path) for path in own if late.search(path.read_text())] == []
