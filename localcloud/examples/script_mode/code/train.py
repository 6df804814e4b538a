"""Fit a logistic regression to /opt/ml/input/data/train, and leave it in SM_MODEL_DIR."""

import argparse
import os
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    given = parser.parse_args()

    rows = pd.read_csv(Path(given.train) / "train.csv")
    model = LogisticRegression(C=given.strength).fit(rows[["length", "width"]].to_numpy(), rows["kind"])
    print(f"train_accuracy={model.score(rows[['length', 'width']].to_numpy(), rows['kind']):.4f};")
    joblib.dump(model, Path(given.model_dir) / "model.joblib")
