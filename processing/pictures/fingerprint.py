"""By what a picture is known again when it was stored anew: differences between neighbours, mean colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

HASH_BITS = 256
_SIDE = 16


def difference_hash(pixels: Image.Image) -> NDArray[np.uint64]:
    """(4,) words of 64 bits: a bit for each of 16 by 16 places, set where the picture gets lighter to the right."""
    grey = np.asarray(pixels.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.BOX), np.uint8)
    return np.packbits(grey[:, 1:] > grey[:, :-1], bitorder="little").view("<u8")


def mean_colour(pixels: Image.Image) -> NDArray[np.uint8]:
    """(3,) means of red, green and blue."""
    small = np.asarray(pixels.resize((_SIDE, _SIDE), Image.Resampling.BOX), np.uint8)
    means: NDArray[np.float64] = small.mean(axis=(0, 1))
    return means.round().astype(np.uint8)
