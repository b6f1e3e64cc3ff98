"""Names of ``declspore.dataset`` that the vocabulary gives: see the stub next to this file."""
