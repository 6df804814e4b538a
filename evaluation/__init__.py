"""The EvaluateEnsemble job: predictions in, one combiner and its metrics on the untouched test set out."""
