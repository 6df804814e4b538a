"""What executions came to: their figures, reports, learning curves, and how two compare."""
