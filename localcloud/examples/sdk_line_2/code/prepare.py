"""Split the drawn flowers: python3 prepare.py --test-share 0.25"""

import argparse
from pathlib import Path

import pandas as pd

ROOT = Path("/opt/ml/processing")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--test-share", type=float, required=True)
    share = parser.parse_args().test_share

    rows = pd.read_csv(ROOT / "input" / "flowers.csv").sample(frac=1, random_state=0)
    tests = round(len(rows) * share)
    rows[tests:].to_csv(ROOT / "train" / "train.csv", index=False)
    rows[:tests].to_csv(ROOT / "test" / "test.csv", index=False)
    rows[:tests][["length", "width"]].to_csv(ROOT / "questions" / "questions.csv", index=False, header=False)
