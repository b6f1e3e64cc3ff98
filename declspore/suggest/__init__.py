"""What would make a checkpoint fit a network: lines of an edit, proposed and proved, never applied.

Pure functions over headers: which entry is meant by which parameter (:mod:`pairing`), the fewest
lines that say so (:mod:`lines`), values that need another shape or type (:mod:`values`), and the
text, planned and bound before it is shown (:mod:`advice`).
"""
