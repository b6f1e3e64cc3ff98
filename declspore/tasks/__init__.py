"""Kinds of tasks, a folder each: ``kind`` (what it is made of, how it is checked), ``plan`` (what
it would do, from headers), ``run`` (how it is carried out)."""
