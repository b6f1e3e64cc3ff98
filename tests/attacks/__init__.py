"""What a stranger's file may try, a table of attacks for each door (docs/security.md)."""
