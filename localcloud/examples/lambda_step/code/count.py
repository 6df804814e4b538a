"""Count the drawn flowers of each kind."""

import json
from pathlib import Path

import pandas as pd

ROOT = Path("/opt/ml/processing")

if __name__ == "__main__":
    kinds = pd.read_csv(ROOT / "input" / "flowers.csv")["kind"].value_counts()
    (ROOT / "counts" / "counts.json").write_text(json.dumps({f"kind_{kind}": int(n) for kind, n in kinds.items()}))
