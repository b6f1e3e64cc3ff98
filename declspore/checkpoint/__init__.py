"""MindSpore checkpoints: bytes to records to tensors, and back.

Imports neither Keras nor, until a tensor is read, NumPy.
"""
