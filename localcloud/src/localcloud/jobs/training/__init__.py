"""Training jobs: the job, the program that it runs, its outputs and its metrics."""
