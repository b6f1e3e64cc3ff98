"""Text to syntax tree. The only package that imports lark."""
