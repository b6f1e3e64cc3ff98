"""What a run read and wrote, by digest: recorded beside the spec, held to, and checked again."""
