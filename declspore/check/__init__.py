"""Syntax tree to checked spec: names, arguments, types, parameter tables and shapes.

Reads no file but the spec and its imports, imports no Keras, and reports every problem it finds.
"""
