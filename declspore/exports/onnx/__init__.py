"""ONNX (https://onnx.ai), operator set 18: a graph made from a checked network."""
