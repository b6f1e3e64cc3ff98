"""What a run read and wrote, by digest: recorded next to the spec, held to, and checked again."""
