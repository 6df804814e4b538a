"""Which rows are a group: against every pair tried one by one, and components by SciPy."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from processing.digest import digest
from processing.pictures.fingerprint import difference_hash, mean_colour
from processing.rows.grouping import group_rows, largest_groups, look_alikes


@st.composite
def fingerprints(draw: st.DrawFn) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Difference hashes and mean colours of pictures, many of them variations of a few, some plain."""
    seeded = np.random.default_rng(draw(st.integers(0, 2**32)))
    number, kinds = draw(st.integers(1, 80)), draw(st.integers(1, 6))
    originals = seeded.integers(0, 2, (kinds, 256), dtype=np.uint8) * (seeded.random((kinds, 1)) < 0.7)
    chosen = seeded.integers(0, kinds, number)
    bits = originals[chosen]
    for row in bits:
        row[seeded.choice(256, seeded.integers(0, 8), replace=False)] ^= 1
    colours = 100 + 6 * chosen[:, None] + seeded.uniform(-3, 3, (number, 3))
    return np.packbits(bits.astype(np.uint8), axis=1, bitorder="little").view("<u8"), colours.round().astype(np.uint8)


def alike(differences: NDArray[np.uint64], colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(n, n) by the definition: within 8 bits and within 4 of 255."""
    bits = np.unpackbits(np.ascontiguousarray(differences).view(np.uint8).reshape(len(colours), 32), axis=1)
    distance = (bits[:, None] != bits[None]).sum(-1)
    return (distance <= 8) & (np.abs(colours[:, None].astype(int) - colours[None]).max(-1) <= 4)


@settings(deadline=None)
@given(fingerprints())
def test_all_pairs_that_look_alike_are_found_and_no_others(
    some: tuple[NDArray[np.uint64], NDArray[np.uint8]],
) -> None:
    pairs = {
        tuple(sorted(pair))
        for left, right in look_alikes(*some)
        for pair in zip(left.tolist(), right.tolist(), strict=True)
    }
    expected = {(one, other) for one, other in np.argwhere(alike(*some)).tolist() if one < other}
    assert pairs == expected


@settings(deadline=None)
@given(fingerprints(), st.integers(0, 2**32))
def test_groups_are_the_connected_components(some: tuple[NDArray[np.uint64], NDArray[np.uint8]], seed: int) -> None:
    differences, colours = some
    seeded = np.random.default_rng(seed)
    number = len(colours)
    content = seeded.integers(1, 2 * number + 1, number).astype(np.uint64)
    captions = seeded.integers(0, number + 1, number).astype(np.uint64)
    differences, colours = differences[content.astype(int) % number], colours[content.astype(int) % number]
    joined = alike(differences, colours) | (content[:, None] == content)
    joined |= (captions[:, None] == captions) & (captions > 0)
    _, components = connected_components(coo_array(joined), directed=False)
    sizes = np.bincount(components)
    fallen = (sizes > max(1, 0.02 * number))[components]
    grouping = group_rows(content, captions, differences, colours)
    for row in range(number):
        together = content == content[row] if fallen[row] else components == components[row]
        assert np.array_equal(grouping.groups == grouping.groups[row], together)
    assert sorted(grouping.oversized) == sorted(sizes[sizes > max(1, 0.02 * number)].tolist())


def test_a_large_group_falls_back_to_its_equal_files_and_is_reported() -> None:
    content = np.arange(200, dtype=np.uint64)
    content[1] = content[0]
    captions = np.zeros(200, np.uint64)
    captions[:10] = 7
    draw = np.random.default_rng(0)
    grouping = group_rows(
        content, captions, draw.integers(0, 2**63, (200, 4)).astype(np.uint64), np.zeros((200, 3), np.uint8)
    )
    assert grouping.oversized == (10,)
    assert grouping.groups[:4].tolist() == [0, 0, 2, 3]


def test_a_small_group_of_equal_captions_stays_together() -> None:
    captions = np.zeros(200, np.uint64)
    captions[[5, 9]] = 7
    draw = np.random.default_rng(0)
    differences = draw.integers(0, 2**63, (200, 4)).astype(np.uint64)
    grouping = group_rows(np.arange(200, dtype=np.uint64), captions, differences, np.zeros((200, 3), np.uint8))
    assert grouping.groups[9] == 5
    assert [group.tolist() for group in largest_groups(grouping.groups, 3)] == [[5, 9]]


def test_no_rows_are_no_groups() -> None:
    grouping = group_rows(
        np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros((0, 4), np.uint64), np.zeros((0, 3), np.uint8)
    )
    assert len(grouping.groups) == 0


def scene(seed: int) -> Image.Image:
    draw = np.random.default_rng(seed)
    return Image.fromarray(draw.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(
        (400, 300), Image.Resampling.BICUBIC
    )


def distance(one: Image.Image, other: Image.Image) -> int:
    return int(np.bitwise_count(difference_hash(one) ^ difference_hash(other)).sum())


@pytest.mark.parametrize("size", [28, 224])
def test_a_picture_that_was_stored_again_is_known_by_its_hash(size: int) -> None:
    original = scene(1)
    target = BytesIO()
    original.resize((300, 225)).save(target, "JPEG", quality=60)
    again = Image.open(target).convert("RGB").resize((size, size))
    assert distance(original.resize((size, size)), again) <= 8
    assert np.abs(mean_colour(original).astype(int) - mean_colour(again)).max() <= 4


def test_other_pictures_have_other_hashes() -> None:
    assert min(distance(scene(0), scene(seed)) for seed in range(1, 30)) > 60


def test_the_hash_is_the_sign_of_the_difference_to_the_right() -> None:
    ramp = Image.fromarray(np.tile(np.arange(17, dtype=np.uint8) * 10, (16, 1)))
    assert difference_hash(ramp).tolist() == [2**64 - 1] * 4
    assert difference_hash(ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT)).tolist() == [0] * 4


def test_digests_are_of_all_bytes() -> None:
    assert digest(b"a") == digest(b"a") != digest(b"b")
