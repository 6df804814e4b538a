"""Write what the Lambda chose: python3 say.py --kind 1 --number 63"""

import argparse
from pathlib import Path

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", required=True)
    parser.add_argument("--number", type=int, required=True)
    given = parser.parse_args()
    Path("/opt/ml/processing/said/said.txt").write_text(f"Most are of kind {given.kind}: {given.number} of them.")
