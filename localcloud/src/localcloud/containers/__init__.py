"""Models' containers: what a record says of one, and its serving process on this machine."""
