"""The EvaluateEnsemble job: predictions in, one combiner and its figures on the untouched test set out."""
