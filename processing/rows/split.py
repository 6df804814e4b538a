"""Training, validation and test: groups stay together, classes are spread as evenly as the heads allow.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) over groups: the class with the fewest rows left is given
out first, each of its groups to the split that lacks it most, among those that have room for the group.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from memotion.layout import SPLITS
from processing.digest import digest
from processing.errors import SplitError

DEFAULT_RATIOS = (0.8, 0.1, 0.1)


def check_ratios(ratios: Sequence[float]) -> None:
    """Raise SplitError unless there is a positive ratio for each split and their sum is one."""
    if len(ratios) != len(SPLITS) or any(not ratio > 0 for ratio in ratios) or not math.isclose(sum(ratios), 1.0):
        listed = ", ".join(map(str, ratios))
        raise SplitError(f"The ratios {listed} are not one above 0 for each of {', '.join(SPLITS)} that sum to 1.")


def draw_lots(names: Iterable[str], seed: int) -> NDArray[np.uint64]:
    """A number a row by which ties are decided: it depends on the seed and the row's name, not on its place."""
    return np.fromiter((digest(f"{seed} {name}".encode()) for name in names), np.uint64)


def split_groups(
    groups: NDArray[np.int64], labels: NDArray[np.uint16], lots: NDArray[np.uint64], ratios: Sequence[float]
) -> NDArray[np.uint8]:
    """Return, (n,), the place in SPLITS of each of n rows.

    `groups` (n,) is equal within a group, `labels` (n, heads) holds the class ids, `lots` (n,) decides ties. No split
    exceeds its share of the rows by more than one group. SplitError where the ratios make no sense or a split is empty.
    """
    check_ratios(ratios)
    stratification = _Stratification(groups, labels, lots, ratios)
    stratification.run()
    empty = [name for place, name in enumerate(SPLITS) if place not in stratification.splits]
    if empty:
        raise SplitError(f"{len(groups)} rows are too few: no row is left for {empty[0]}; give more rows.")
    return stratification.splits


def shares(rows: int, ratios: Sequence[float]) -> list[int]:
    """Return how many of `rows` each split gets: whole numbers, by largest remainder, that sum to `rows`."""
    exact = [rows * ratio for ratio in ratios]
    whole = [math.floor(share + 1e-9) for share in exact]
    most_missing = sorted(range(len(ratios)), key=lambda place: (whole[place] - exact[place], place))
    for place in most_missing[: rows - sum(whole)]:
        whole[place] += 1
    return whole


class _Stratification:
    """The state of one split: which group is where, and what each split still lacks."""

    def __init__(
        self,
        groups: NDArray[np.int64],
        labels: NDArray[np.uint16],
        lots: NDArray[np.uint64],
        ratios: Sequence[float],
    ) -> None:
        self.splits = np.full(len(groups), len(SPLITS), np.uint8)
        _, self._group, self._sizes = np.unique(groups, return_inverse=True, return_counts=True)
        self._labels = labels
        self._members = np.argsort(self._group, kind="stable")
        self._starts = np.concatenate(([0], np.cumsum(self._sizes)))
        self._lots = np.full(len(self._sizes), np.iinfo(np.uint64).max, np.uint64)
        np.minimum.at(self._lots, self._group, lots)
        self._left = np.bincount(labels.ravel())
        self._lacking = [[float(count) * ratio for count in self._left] for ratio in ratios]
        self._room = shares(len(groups), ratios)

    def run(self) -> None:
        while self._left.any():
            rarest = int(np.argmin(np.where(self._left > 0, self._left, np.iinfo(np.int64).max)))
            for group in self._groups_with(rarest):
                self._give(group, rarest)

    def _groups_with(self, class_id: int) -> list[int]:
        """Return the groups with that class that are in no split yet: the largest first, then by lot."""
        waiting = (self.splits == len(SPLITS)) & (self._labels == class_id).any(axis=1)
        groups = np.unique(self._group[waiting])
        order: list[int] = groups[np.lexsort((self._lots[groups], -self._sizes[groups]))].tolist()
        return order

    def _give(self, group: int, class_id: int) -> None:
        size = int(self._sizes[group])
        roomy = [place for place, room in enumerate(self._room) if room >= size]
        places = roomy or [max(range(len(SPLITS)), key=lambda place: self._room[place])]
        chosen = max(places, key=lambda place: (self._lacking[place][class_id], self._room[place]))
        members = self._members[self._starts[group] : self._starts[group + 1]]
        self.splits[members] = chosen
        self._room[chosen] -= size
        for label in self._labels[members].ravel().tolist():
            self._lacking[chosen][label] -= 1
            self._left[label] -= 1
