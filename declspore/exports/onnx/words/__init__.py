"""How each word becomes nodes of ONNX: a family a module, found by its ``LOWERINGS``."""
