"""Which rows must not be split apart: equal files, equal captions, pictures that look the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processing.pictures.fingerprint import HASH_BITS

MAX_BITS = 8
MAX_COLOUR = 4
MAX_SHARE = 0.02
"""A larger group says more about the rule than about its rows: it falls back to its byte-identical parts."""

# Two hashes that differ in at most MAX_BITS bits are equal in at least one of so many bands.
_BANDS = MAX_BITS + 1

Indices = NDArray[np.int64]


class Grouping(NamedTuple):
    """`groups` (n,): the first row of each row's group; `oversized`: the sizes of the groups that fell back."""

    groups: Indices
    oversized: tuple[int, ...]


def group_rows(
    content: NDArray[np.uint64],
    captions: NDArray[np.uint64],
    differences: NDArray[np.uint64],
    colours: NDArray[np.uint8],
) -> Grouping:
    """Group n rows: those of equal `content`, of equal `captions` other than 0, or pictures that look alike.

    `content` and `captions` are digests (n,), `differences` difference hashes (n, 4), `colours` means (n, 3).
    """
    same_bytes = _first_of_equal(content)
    sets = _DisjointSets(same_bytes.copy())
    spoken = np.flatnonzero(captions)
    sets.join(spoken, spoken[_first_of_equal(captions[spoken])])
    packed = np.zeros((len(colours), 4), np.uint8)
    packed[:, :3] = colours
    same_looks = _first_of_equal(packed.view("<u4")[:, 0], *differences.T)
    sets.join(np.arange(len(content)), same_looks)
    unique = np.flatnonzero(same_looks == np.arange(len(content)))
    for left, right in look_alikes(differences[unique], colours[unique]):
        sets.join(unique[left], unique[right])
    groups = sets.roots()
    sizes = np.bincount(groups, minlength=len(groups))
    oversized = sizes > max(1.0, MAX_SHARE * len(groups))
    groups = np.where(oversized[groups], same_bytes, groups)
    return Grouping(groups, tuple(int(size) for size in np.sort(sizes[oversized])[::-1]))


def largest_groups(groups: Indices, number: int) -> list[Indices]:
    """Return the rows of the largest groups of more than one row, at most `number` of them, the largest first."""
    roots, sizes = np.unique(groups, return_counts=True)
    order = np.argsort(-sizes, kind="stable")[:number]
    return [np.flatnonzero(groups == root) for root in roots[order][sizes[order] > 1]]


def look_alikes(differences: NDArray[np.uint64], colours: NDArray[np.uint8]) -> Iterator[tuple[Indices, Indices]]:
    """Yield every pair of n pictures within MAX_BITS and MAX_COLOUR of one another, some more than once.

    Pairs are looked for among the pictures that share a band of the hash, in the order of their first colour, so that
    memory stays in the order of n and plain pictures, which share all bands, are compared with their like alone.
    """
    bounds = np.linspace(0, HASH_BITS, _BANDS + 1).astype(int).tolist()
    for start, stop in pairwise(bounds):
        band = _bits(differences, start, stop)
        order = np.lexsort((colours[:, 0], band))
        yield from _neighbours(band[order], differences[order], colours[order], order)


def _neighbours(
    band: NDArray[np.uint64], differences: NDArray[np.uint64], colours: NDArray[np.uint8], order: Indices
) -> Iterator[tuple[Indices, Indices]]:
    shades = colours.astype(np.int16)
    left = np.arange(len(band))
    distance = 1
    while len(left := left[left + distance < len(band)]):
        right = left + distance
        near = (band[left] == band[right]) & (shades[right, 0] - shades[left, 0] <= MAX_COLOUR)
        left, right = left[near], right[near]
        alike = np.bitwise_count(differences[left] ^ differences[right]).sum(axis=1) <= MAX_BITS
        alike &= np.abs(shades[left] - shades[right]).max(axis=1, initial=0) <= MAX_COLOUR
        yield order[left[alike]], order[right[alike]]
        distance += 1


def _bits(words: NDArray[np.uint64], start: int, stop: int) -> NDArray[np.uint64]:
    """Bits `start` to `stop`, fewer than 64, of hashes (n, 4)."""
    word, offset = divmod(start, 64)
    bits = words[:, word] >> np.uint64(offset)
    if offset + stop - start > 64:
        bits = bits | (words[:, word + 1] << np.uint64(64 - offset))
    return bits & np.uint64((1 << (stop - start)) - 1)


def _first_of_equal(*keys: NDArray[np.unsignedinteger]) -> Indices:
    """(n,) for each of n places the first place at which every key (n,) is the same."""
    order = np.lexsort(keys)
    new = np.ones(len(order), bool)
    new[1:] = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    first = np.empty_like(order)
    first[order] = order[new][np.cumsum(new) - 1]
    return first


class _DisjointSets:
    """Union-find whose root is the smallest member, so that it does not depend on the order of the unions."""

    def __init__(self, parents: Indices) -> None:
        self._parents = parents

    def join(self, left: Indices, right: Indices) -> None:
        apart = left != right
        for one, other in zip(left[apart].tolist(), right[apart].tolist(), strict=True):
            low, high = sorted((self._root(one), self._root(other)))
            self._parents[high] = low

    def roots(self) -> Indices:
        """Return the root of every row."""
        while not np.array_equal(parents := self._parents[self._parents], self._parents):
            self._parents = parents
        return self._parents

    def _root(self, member: int) -> int:
        parents = self._parents
        while parents[member] != member:
            parents[member] = parents[parents[member]]
            member = int(parents[member])
        return member
