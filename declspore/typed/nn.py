"""Names of ``declspore.nn`` that the vocabulary gives: see the stub next to this file."""
