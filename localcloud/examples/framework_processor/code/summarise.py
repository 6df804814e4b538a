"""Summarise the drawn flowers, with a package that lies beside this program: python summarise.py --by kind"""

import argparse
import json
from pathlib import Path

from flowers.table import means

ROOT = Path("/opt/ml/processing")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--by", required=True)
    summary = means(ROOT / "flowers" / "flowers.csv", parser.parse_args().by)
    (ROOT / "summary" / "summary.json").write_text(json.dumps(summary))
