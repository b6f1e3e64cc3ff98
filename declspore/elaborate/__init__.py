"""Networks: from a template with its arguments to cells, parameter table, nodes and types."""
