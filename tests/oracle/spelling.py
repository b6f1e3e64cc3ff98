"""How what a spec calls is called in Python."""


def python(call):
    """A call as Python spells it."""
    for ours, theirs in ((" = ", "="), ("true", "True"), ("false", "False"), ("none", "None")):
        call = call.replace(ours, theirs)
    return call


def with_tuples(call):
    """As :func:`python`, lists being tuples, which cells of MindSpore take."""
    return python(call).replace("[", "(").replace("]", ")")


def alike(*calls, shapes=((3, 4),)):
    """Rows of ops that are spelled alike on both sides but for texts and truths."""
    return {call: (call, f"ops.{python(call)}", list(shapes)) for call in calls}
