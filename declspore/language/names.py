"""Names with a value of their own: element types, and infinity."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from declspore.ir.dtype import WORDS
from declspore.language.values import Value

NAMES: Mapping[str, Value] = {**WORDS, "inf": inf}
