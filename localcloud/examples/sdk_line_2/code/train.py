"""Fit a decision tree to the channel `train`, and leave it with the code that serves it in SM_MODEL_DIR."""

import argparse
import os
import shutil
from pathlib import Path

import joblib
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-depth", type=int, default=3)
    depth = parser.parse_args().max_depth

    rows = pd.read_csv(Path(os.environ["SM_CHANNEL_TRAIN"]) / "train.csv")
    features = rows[["length", "width"]].to_numpy()
    model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(features, rows["kind"])
    print(f"train_accuracy={model.score(features, rows['kind']):.4f};")
    folder = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(model, folder / "model.joblib")
    (folder / "code").mkdir()
    shutil.copy("inference.py", folder / "code")
