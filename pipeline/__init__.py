"""The definition of the pipeline and its control plane."""
