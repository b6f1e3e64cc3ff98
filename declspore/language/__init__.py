"""The interpreter of expressions: values, scopes, and what expressions evaluate to.

Knows neither cells nor tensors from the inside: what a tensor is where an expression is read is
answered by a :class:`declspore.language.domain.Domain`, and what is called says itself what comes
of it (:class:`declspore.language.capabilities.Callee`).
"""
