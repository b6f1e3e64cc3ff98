"""MindSpore's guides, snippet by snippet, with what each prints under MindSpore and here."""
