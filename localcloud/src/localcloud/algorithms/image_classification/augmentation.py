"""What a picture goes through before the network sees it in training.

    none                   the middle of it
    crop                   a random part, flipped from left to right half of the time
    crop_color             and a random shift of hue (36 of 180), saturation and lightness (50 of 255)
    crop_color_transform   and before it a random rotation (10 degrees), shear (0.1) and aspect ratio (0.25)

All draws come from the generator that is given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Plane = NDArray[np.floating]

MAX_HUE, MAX_SATURATION, MAX_LIGHTNESS = 36 / 180, 50 / 255, 50 / 255
MAX_ROTATION, MAX_SHEAR, MAX_ASPECT = np.deg2rad(10), 0.1, 0.25
GREY = (128, 128, 128)


def middle(picture: Picture, sides: tuple[int, int]) -> Picture:
    """The `sides` in the middle of a `(height, width, 3)` picture that is at least as large."""
    top, left = (picture.shape[0] - sides[0]) // 2, (picture.shape[1] - sides[1]) // 2
    return picture[top : top + sides[0], left : left + sides[1]]


def augmented(picture: Picture, sides: tuple[int, int], kind: str, draw: np.random.Generator) -> Picture:
    """A picture of `sides` drawn from one that is at least as large; `kind` is an augmentation_type."""
    if kind == "crop_color_transform":
        picture = _transformed(picture, draw)
    picture = _cropped(picture, sides, draw)
    return picture if kind == "crop" else _recoloured(picture, draw)


def _cropped(picture: Picture, sides: tuple[int, int], draw: np.random.Generator) -> Picture:
    top = int(draw.integers(picture.shape[0] - sides[0] + 1))
    left = int(draw.integers(picture.shape[1] - sides[1] + 1))
    part = picture[top : top + sides[0], left : left + sides[1]]
    return part[:, ::-1] if draw.random() < 0.5 else part


def _transformed(picture: Picture, draw: np.random.Generator) -> Picture:
    """Rotated, sheared and stretched about its middle, over grey; its size stays."""
    angle, shear = draw.uniform(-MAX_ROTATION, MAX_ROTATION), draw.uniform(-MAX_SHEAR, MAX_SHEAR)
    stretch = np.sqrt(1 + draw.uniform(-MAX_ASPECT, MAX_ASPECT))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, shear], [0, 1]]) @ np.diag([stretch, 1 / stretch])
    centre = np.array([picture.shape[1], picture.shape[0]]) / 2
    (a, b), (d, e) = matrix
    c, f = centre - matrix @ centre
    image = Image.fromarray(picture)
    turned = image.transform(
        image.size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR, fillcolor=GREY
    )
    return np.asarray(turned)


def _recoloured(picture: Picture, draw: np.random.Generator) -> Picture:
    hue, lightness, saturation = to_hls(picture / np.float32(255))
    hue = (hue + draw.uniform(-MAX_HUE, MAX_HUE)) % 1
    saturation = np.clip(saturation + draw.uniform(-MAX_SATURATION, MAX_SATURATION), 0, 1)
    lightness = np.clip(lightness + draw.uniform(-MAX_LIGHTNESS, MAX_LIGHTNESS), 0, 1)
    return np.rint(to_rgb(hue, lightness, saturation) * 255).astype(np.uint8)


def to_hls(rgb: Plane) -> tuple[Plane, Plane, Plane]:
    """Hue, lightness and saturation, each `(…)` in [0, 1], of `(…, 3)` in [0, 1]."""
    high, low = rgb.max(axis=-1), rgb.min(axis=-1)
    span, lightness = high - low, (high + low) / 2
    divisor = np.where(span > 0, span, 1)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    sixth = np.select(
        [high == red, high == green],
        [(green - blue) / divisor % 6, (blue - red) / divisor + 2],
        (red - green) / divisor + 4,
    )
    reach = 1 - np.abs(2 * lightness - 1)
    saturation = np.where(span > 0, span / np.where(reach > 0, reach, 1), 0)
    return np.where(span > 0, sixth / 6, 0), lightness, saturation


def to_rgb(hue: Plane, lightness: Plane, saturation: Plane) -> Plane:
    """The other way round."""
    reach = saturation * np.minimum(lightness, 1 - lightness)
    place = (np.array([0, 8, 4]) + hue[..., None] * 12) % 12
    rgb: Plane = lightness[..., None] - reach[..., None] * np.clip(np.minimum(place - 3, 9 - place), -1, 1)
    return rgb
