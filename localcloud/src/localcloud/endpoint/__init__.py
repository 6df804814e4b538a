"""An endpoint: `api` answers its calls, `start` finds or starts its process, `__main__` is that process."""
