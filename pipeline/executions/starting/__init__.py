"""Starting an execution: its data, parameters and instances, checked before anything is uploaded."""
