"""The command line: the verbs, their tables, what they write, progress on a screen."""
