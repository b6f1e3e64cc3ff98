"""Going on after a mistake: the declarations of a text that does not parse, with what is damaged.

Assumes one stretch of a text, from a declaration to the next. Guarantees a tree of the grammar in
which each damaged place is a token of its own, found in one pass: at a mistake the parser goes back
to the last place where damage may be (a value, statement, formal or declaration), takes the text
up to where the next one begins as damaged, and reads on from there. Where the next one begins is
found by brackets and indentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import TypeVar

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParseConf
from lark.utils import TextSlice

_MOST_MISTAKES = 40
_DAMAGE = "DAMAGED"
# what may be missing in front of a closing brace, and the braces that are missing at the end
_MISSING = (
    ("RETURN", _DAMAGE),
    ("CONSTRUCT", "LPAR", "RPAR", "EQUAL", _DAMAGE),
)
_PIECE = re.compile(
    r'"(?:[^"\\\n]++|\\.)*+"?|`[^`\n]*`|#[^\n]*'
    r"|\n(?P<indent>[ \t]*)(?=[^\s#)\],])|(?P<sign>[][(){},=])"
)
# where the value is in what names it
_VALUED = {"attribute": 1, "field": 1, "let": 1, "dataset": 1, "optimizer": 1, "assign": -1}
_OPENERS = {")": "(", "]": "["}

C = TypeVar("C", bound="ParseConf[int]")
Report = Callable[[UnexpectedInput], None]


def recovered(parser: Lark, text: str, start: int, end: int, report: Report) -> list[Tree[Token]]:
    """The declarations of a stretch of a text. ``report`` gets each mistake that does not
    follow from one before."""
    return _Recovery(parser, text, start, end, report).items()


class _Recovery:
    def __init__(self, parser: Lark, text: str, start: int, end: int, report: Report) -> None:
        self._text, self._end, self._report = text, end, report
        self._parser = parser.parse_interactive(TextSlice(text, start, end))
        for kind, value in (("SPEC", "spec"), ("INT", "1")):
            self._parser.feed_token(Token(kind, value, start_pos=start, end_pos=start))
        self._state = self._parser.parser_state
        self._base = len(self._state.value_stack)
        self._mistakes = 0
        self._last = -1  # where the last mistake was
        self._damage = -1  # where the last damage begins

    def items(self) -> list[Tree[Token]]:
        while True:
            try:
                tree: Tree[Token] = self._parser.resume_parse()  # type: ignore[no-untyped-call]
                return [child for child in tree.children[1:] if isinstance(child, Tree)]
            except UnexpectedInput as error:
                self._mend(error)

    # ---- one mistake

    def _mend(self, error: UnexpectedInput) -> None:
        at = self._place(error)
        token = error.token if isinstance(error, UnexpectedToken) else None
        self._mistakes += 1
        again, is_end = at == self._last, token is not None and token.type == "$END"
        missing = None if token is None else self._missing(token, again=again)
        follows = again or (is_end and self._damage >= 0) or self._mistakes > _MOST_MISTAKES
        if missing is not None:
            if not (follows or self._is_hurt()):
                self._report(error)
            self._last = at
            self._put_in(missing, at)
            return
        if (is_end and again) or self._mistakes > _MOST_MISTAKES:
            depth, begin, end = self._base, self._begin(self._base, at), self._end
        else:
            depth, begin, end = self._cut(at, again=again)
        if not follows and begin > self._damage:
            self._report(error)
        self._last, self._damage = at, begin
        del self._state.state_stack[depth + 1 :], self._state.value_stack[depth:]
        self._feed(_DAMAGE, begin, begin + len(self._text[begin:end].rstrip()))
        self._doubt(begin)
        self._read_from(end)

    def _doubt(self, begin: int) -> None:
        """A value with damage after it on its line is damaged itself: it was meant otherwise."""
        line = self._text[self._text.rfind("\n", 0, begin) + 1 : begin].rstrip(" \t")
        value = self._state.value_stack[-2]
        while isinstance(value, Tree) and str(value.data).startswith("__"):
            value = value.children[-1]
        if not line or line[-1] in "{}," or not isinstance(value, Tree):
            return
        place = _VALUED.get(value.data)
        start = None if place is None else _start(value.children[place])
        if place is not None and start is not None:
            end = start + len(self._text[start:begin].rstrip())
            value.children[place] = Tree(_DAMAGE.lower(), [self._token(_DAMAGE, start, end)])

    def _read_from(self, place: int) -> None:
        state = self._parser.lexer_thread.state
        assert state is not None
        state.line_ctr.char_pos = place

    def _place(self, error: UnexpectedInput) -> int:
        if isinstance(error, UnexpectedToken) and error.token.type != "$END":
            return error.token.start_pos or 0
        if isinstance(error, UnexpectedCharacters):
            return error.pos_in_stream or 0
        return self._end

    def _feed(self, kind: str, start: int, end: int) -> None:
        self._state.feed_token(self._token(kind, start, end))

    def _token(self, kind: str, start: int, end: int) -> Token:
        # the parser reads lines and columns of tokens, and nothing reads them after it
        return Token(kind, self._text[start:end], start, 1, 1, 1, 1, end)

    # ---- what is missing

    def _missing(self, token: Token, *, again: bool) -> tuple[str, ...] | None:
        """What must come before a closing brace or of the end, if that is all there is."""
        if token.type == "$END":
            wanted = [("RBRACE",), *((*each, "RBRACE") for each in _MISSING)]
            return next((each for each in wanted if self._takes(*each)), None)
        if token.type != "RBRACE" or again:
            return None
        return next((each for each in _MISSING if self._takes(*each, token.type)), None)

    def _put_in(self, kinds: tuple[str, ...], at: int) -> None:
        for kind in kinds:
            self._feed(kind, at, at)
        self._read_from(at)

    def _takes(self, *kinds: str) -> bool:
        """Whether the parser, in its present state, takes tokens of these kinds."""
        trial = self._state.copy(deepcopy_values=False)
        trial.parse_conf = _without_callbacks(trial.parse_conf)
        try:
            for kind in kinds:
                trial.feed_token(Token(kind, ""))
        except UnexpectedToken:
            return False
        return True

    def _is_hurt(self) -> bool:
        """Whether damage is directly before, so that what seems missing may be within."""
        last = self._state.value_stack[-1]
        if not isinstance(last, Tree):
            return False
        within = last.children if str(last.data).startswith("__") else [last]
        return any(isinstance(each, Tree) and each.data == "damaged" for each in within)

    # ---- how far the damage reaches

    def _cut(self, at: int, *, again: bool) -> tuple[int, int, int]:
        """How much of the stack stays, and from where to where the text is damaged."""
        for depth in self._depths():
            begin = self._begin(depth, at)
            last = self._state.value_stack[depth - 1]
            before = str(last) if isinstance(last, Token) else ""
            end: int | None
            if self._is_between_declarations(depth):
                end = self._end
            elif before in ("(", ","):
                end = self._next_sign(begin, at + again, "),")
            elif before == "->":
                end = self._next_sign(begin, at + again, "{=")
            else:
                end = self._next_statement(begin, at + again)
            if end is not None:
                return depth, begin, end
        return self._base, self._begin(self._base, at), self._end

    def _depths(self) -> Iterator[int]:
        """Where damage may be, the innermost place first."""
        if self._takes(_DAMAGE):
            yield len(self._state.value_stack)
        for depth in range(len(self._state.value_stack) - 1, self._base - 1, -1):
            action = self._actions(depth).get(_DAMAGE)
            if action is not None and action[0] is Shift:
                yield depth

    def _is_between_declarations(self, depth: int) -> bool:
        if depth == len(self._state.value_stack):
            return self._takes("$END")
        return "$END" in self._actions(depth)

    def _actions(self, depth: int) -> Mapping[str, Sequence[object]]:
        return self._state.parse_conf.states[self._state.state_stack[depth]]

    def _begin(self, depth: int, at: int) -> int:
        """Where the text begins of which the stack above ``depth`` was made."""
        for value in self._state.value_stack[depth:]:
            start = _start(value)
            if start is not None:
                return min(start, at)
        return at

    def _next_statement(self, begin: int, least: int) -> int:
        """The brace that closes what holds the damage, or the next line that is not further in."""
        line = self._text[self._text.rfind("\n", 0, begin) + 1 : begin + 1]
        own = len(line) - len(line.lstrip(" \t")) if line.strip() else len(line)
        depth = 0
        for found in _PIECE.finditer(self._text, begin, self._end):
            sign, indent = found["sign"], found["indent"]
            if sign == "{":
                depth += 1
            elif sign == "}" and depth > 0:
                depth -= 1
            elif sign == "}" and found.start() >= least:
                return found.start()
            elif indent is not None and depth == 0 and len(indent) <= own and found.end() >= least:
                return found.end()
        return self._end

    def _next_sign(self, begin: int, least: int, signs: str) -> int | None:
        """The first of some signs outside brackets; None where a block begins or ends before."""
        opened = ""
        for found in _PIECE.finditer(self._text, begin, self._end):
            sign = found["sign"]
            if sign is None:
                continue
            closed = opened.rfind(_OPENERS.get(sign, " "))
            if sign in _OPENERS and closed < 0:
                opened = ""  # a bracket that was forgotten ends with the one around it
            if sign in signs and found.start() >= least and (not opened or sign == "{"):
                return found.start()
            if sign in "{}":
                return None
            if sign in "([":
                opened += sign
            elif closed >= 0:
                opened = opened[:closed]
        return None


def _start(value: object) -> int | None:
    """Where the text of a value on the stack begins; None where it has none."""
    while isinstance(value, Tree):
        if not value.meta.empty:
            return int(value.meta.start_pos)
        value = next((child for child in value.children if child is not None), None)
    return value.start_pos if isinstance(value, Token) else None


def _without_callbacks(conf: C) -> C:
    found = copy(conf)
    found.callbacks = {}
    return found
