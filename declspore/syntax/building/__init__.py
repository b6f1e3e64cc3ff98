"""Parse tree to syntax tree, a module for each part of the grammar."""
