"""Names of ``declspore.ops`` that the vocabulary gives: see the stub next to this file."""
