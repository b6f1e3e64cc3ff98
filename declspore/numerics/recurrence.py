"""What cells, layers and exports know alike of MindSpore's recurrent cells."""

from __future__ import annotations

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
"""How many gates a step has: rows of its weights, for each element of the state."""
STATES: dict[str, tuple[str, ...]] = {"LSTM": ("h", "c"), "GRU": ("hx",), "RNN": ("hx",)}
"""The states a run may begin with, [layers x directions, N, hidden_size]."""
