"""Plain frozen values that every pass shares. No pass lives here."""
