"""An execution's process: `scheduler` decides, purely; `steps` does; `__main__` is the loop between them."""
