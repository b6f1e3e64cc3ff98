"""Processes that train one network together: how they meet, exchange values and end.

A process is a *rank*; all ranks are a *group* (:mod:`declspore.devices.group`). They talk over TCP
connections, two between each pair of ranks: one for values and one for heartbeats. What is sent is
JSON and raw tensor bytes, never code.

A group does not know what is trained. It adds up arrays in the order of the ranks, so that every
rank holds the same bits, and it notices at once when a rank ends.
"""

VARIABLE = "TF_CONFIG"
"""The environment variable by which a cluster's scheduler gives a process its place."""
