"""A checked network as a picture: what is drawn, and its DOT and SVG."""
