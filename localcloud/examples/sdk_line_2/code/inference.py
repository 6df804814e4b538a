"""Load the decision tree; what is read, predicted and written is the framework's default."""

from pathlib import Path

import joblib


def model_fn(model_dir):
    return joblib.load(Path(model_dir) / "model.joblib")
