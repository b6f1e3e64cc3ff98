"""Checked spec and checkpoint headers to a plan: what would happen, before anything does.

Reads headers of checkpoints and sizes of datasets; no tensor and no Keras.
"""
