"""Make what XGBoost reads of the drawn flowers: no header, and the label, a petal's width, in the first column."""

from pathlib import Path

import pandas as pd

ROOT = Path("/opt/ml/processing")

if __name__ == "__main__":
    rows = pd.read_csv(ROOT / "input" / "flowers.csv")[["width", "length", "kind"]].sample(frac=1, random_state=1)
    for name, part in {"train": rows[:80], "validation": rows[80:100], "test": rows[100:]}.items():
        part.to_csv(ROOT / name / f"{name}.csv", header=False, index=False)
    rows[100:].drop(columns="width").to_csv(ROOT / "batch" / "batch.csv", header=False, index=False)
