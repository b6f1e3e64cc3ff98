"""The reverse of an edit: a recipe that takes its output back to its input, where there is one."""
