"""The network, and the rows that it learns from."""

import csv
from pathlib import Path

import torch


class Flowers(torch.nn.Module):
    """`(n, 2)` petal length and width to `(n,)`, the probability of kind 1."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.layer(features)).squeeze(1)


def table(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a file's `(n, 2)` features and its `(n,)` kinds."""
    with path.open() as file:
        rows = [[float(row[name]) for name in ("length", "width", "kind")] for row in csv.DictReader(file)]
    values = torch.tensor(rows)
    return values[:, :2], values[:, 2]
