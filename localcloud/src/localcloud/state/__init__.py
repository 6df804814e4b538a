"""What the local cloud keeps under its home: the records, who may read them, who holds what, and what is deleted."""
