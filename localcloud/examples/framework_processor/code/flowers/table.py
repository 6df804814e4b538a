"""Tables of flowers."""

from pathlib import Path

import pandas as pd


def means(path: Path, column: str) -> dict[str, dict[str, float]]:
    """Return the mean of each other column by the values of one."""
    rows = pd.read_csv(path).groupby(column).mean().round(2)
    return {str(value): row.to_dict() for value, row in rows.iterrows()}
