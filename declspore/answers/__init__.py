"""What predictions keep: a word each."""
