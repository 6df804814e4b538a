"""A page a file: it asks the functions that the verbs call, and fills a template."""
