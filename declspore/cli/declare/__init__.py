"""The commands with their arguments and help texts.

Each command's own module is imported when the command runs, so that ``inspect`` starts in the
time Python needs.
"""
