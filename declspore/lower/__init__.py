"""Checked networks, losses and optimizers to Keras. The only package that imports Keras."""

from declspore.engine import require

require()
