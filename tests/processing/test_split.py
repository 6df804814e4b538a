"""The splitter: a partition that keeps groups whole, spreads classes, and depends on the rows and the seed alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from memotion.layout import SPLITS
from processing.errors import SplitError
from processing.rows.split import DEFAULT_RATIOS, check_ratios, draw_lots, shares, split_groups

HEADS = (4, 3, 2)
STARTS = np.cumsum((0, *HEADS[:-1]))


@st.composite
def rows(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Groups (n,) and labels (n, heads) of some rows, classes as uneven as they come."""
    number = draw(st.integers(20, 150))
    seeded = np.random.default_rng(draw(st.integers(0, 2**32)))
    groups = seeded.integers(0, draw(st.integers(15, 2 * number)), number)
    labels = np.stack(
        [
            start + np.minimum(seeded.geometric(0.5, number) - 1, size - 1)
            for start, size in zip(STARTS, HEADS, strict=True)
        ],
        1,
    )
    return groups, labels.astype(np.uint16)


def split(groups: NDArray[np.int64], labels: NDArray[np.uint16], names: list[str], seed: int = 0) -> NDArray[np.uint8]:
    return split_groups(groups, labels, draw_lots(names, seed), DEFAULT_RATIOS)


@settings(deadline=None)
@given(rows(), st.integers(0, 9))
def test_every_row_is_in_one_split_and_groups_are_never_cut(
    some: tuple[NDArray[np.int64], NDArray[np.uint16]], seed: int
) -> None:
    groups, labels = some
    try:
        splits = split(groups, labels, [str(place) for place in range(len(groups))], seed)
    except SplitError:
        assert np.bincount(groups).max() > 1  # only large groups can leave a split of so many rows empty
        return
    assert set(splits) == {0, 1, 2}
    assert all(len(set(splits[groups == group])) == 1 for group in groups)


@settings(deadline=None)
@given(rows())
def test_no_split_has_more_than_its_share_and_less_than_a_group(
    some: tuple[NDArray[np.int64], NDArray[np.uint16]],
) -> None:
    groups, labels = some
    try:
        sizes = np.bincount(split(groups, labels, [str(place) for place in range(len(groups))]), minlength=3)
    except SplitError:
        return
    largest = np.bincount(groups).max()
    for size, share in zip(sizes, shares(len(groups), DEFAULT_RATIOS), strict=True):
        assert size < share + largest


@settings(deadline=None)
@given(rows(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    some: tuple[NDArray[np.int64], NDArray[np.uint16]], random: object
) -> None:
    groups, labels = some
    names = [f"image {place}" for place in range(len(groups))]
    order = list(range(len(groups)))
    random.shuffle(order)  # type: ignore[attr-defined]
    renamed = np.random.default_rng(0).permutation(groups.max() + 1)
    try:
        straight = split(groups, labels, names)
    except SplitError:
        return
    shuffled = split(renamed[groups[order]], labels[order], [names[place] for place in order])
    assert np.array_equal(straight[order], shuffled)


def test_another_seed_is_another_split() -> None:
    groups, labels = np.arange(100), np.zeros((100, 1), np.uint16)
    names = [str(place) for place in groups]
    assert not np.array_equal(split(groups, labels, names, 0), split(groups, labels, names, 1))


def test_single_rows_are_split_exactly_and_each_class_almost() -> None:
    draw = np.random.default_rng(3)
    labels = np.stack(
        [draw.choice(4, 1000, p=(0.5, 0.3, 0.15, 0.05)), 4 + draw.choice(3, 1000, p=(0.7, 0.2, 0.1))], 1
    ).astype(np.uint16)
    splits = split(np.arange(1000), labels, [str(place) for place in range(1000)])
    assert np.bincount(splits).tolist() == [800, 100, 100]
    for column in labels.T:
        for label in np.unique(column):
            per_split = np.bincount(splits[column == label], minlength=3)
            assert np.abs(per_split - (column == label).sum() * np.array(DEFAULT_RATIOS)).max() <= 3


def test_a_class_of_three_rows_is_seen_in_training() -> None:
    labels = np.zeros((300, 1), np.uint16)
    labels[:3] = 1
    splits = split(np.arange(300), labels, [str(place) for place in range(300)])
    assert SPLITS.index("train") in splits[:3]


@pytest.mark.parametrize(
    "ratios", [(0.8, 0.1), (0.8, 0.1, 0.2), (0.9, 0.1, 0.0), (1.2, -0.1, -0.1), (float("nan"), 0.5, 0.5)]
)
def test_ratios_that_make_no_sense_are_an_error(ratios: tuple[float, ...]) -> None:
    with pytest.raises(SplitError, match="sum to 1"):
        check_ratios(ratios)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_split_that_would_be_empty_is_an_error_that_names_it(number: int) -> None:
    with pytest.raises(SplitError, match="no row is left for"):
        split(np.arange(number), np.zeros((number, 1), np.uint16), [str(place) for place in range(number)])


@given(st.integers(0, 10_000))
def test_shares_are_whole_and_sum_up(rows: int) -> None:
    whole = shares(rows, DEFAULT_RATIOS)
    assert sum(whole) == rows
    assert all(abs(part - rows * ratio) < 1 for part, ratio in zip(whole, DEFAULT_RATIOS, strict=True))
