"""What answers, a file a service or a kind of record: the generic handler, and code for the calls that do work."""
