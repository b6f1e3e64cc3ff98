"""A plan, carried out. Everything that could be known beforehand was checked by the plan."""
