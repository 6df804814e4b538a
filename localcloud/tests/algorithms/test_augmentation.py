from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.algorithms.image_classification.augmentation import augmented, middle, to_hls, to_rgb

KINDS = ["crop", "crop_color", "crop_color_transform"]
PICTURE = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)

channel = st.floats(0, 1)


@given(channel, channel, channel)
def test_hue_lightness_and_saturation_are_those_of_the_standard_library(red: float, green: float, blue: float) -> None:
    ours = [float(plane) for plane in to_hls(np.array([red, green, blue]))]
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if max(red, green, blue) - min(red, green, blue) > 1e-6:
        assert min(abs(ours[0] - hue), 1 - abs(ours[0] - hue)) < 1e-4
        assert ours[2] == pytest.approx(saturation, abs=1e-4)
    assert ours[1] == pytest.approx(lightness)


@given(channel, channel, channel)
def test_colours_come_back_from_there(hue: float, lightness: float, saturation: float) -> None:
    ours = to_rgb(np.array(hue), np.array(lightness), np.array(saturation))
    assert ours == pytest.approx(colorsys.hls_to_rgb(hue, lightness, saturation), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_draw_makes_the_same_picture_of_the_wanted_size(kind: str) -> None:
    first, second = (augmented(PICTURE, (24, 32), kind, np.random.default_rng(5)) for _ in range(2))
    assert first.shape == (24, 32, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)


@pytest.mark.parametrize("kind", KINDS)
def test_another_draw_makes_another_picture(kind: str) -> None:
    pictures = {augmented(PICTURE, (24, 32), kind, np.random.default_rng(seed)).tobytes() for seed in range(8)}
    assert len(pictures) == 8


def test_a_crop_is_a_part_of_the_picture_or_of_its_mirror_image() -> None:
    crop = augmented(PICTURE, (24, 32), "crop", np.random.default_rng(1))
    windows = [
        picture[top : top + 24, left : left + 32]
        for picture in (PICTURE, PICTURE[:, ::-1])
        for top in range(17)
        for left in range(19)
    ]
    assert any(np.array_equal(crop, window) for window in windows)


def test_a_colour_shift_moves_every_pixel_alike() -> None:
    plain = np.full((30, 30, 3), (200, 80, 40), dtype=np.uint8)
    shifted = augmented(plain, (28, 28), "crop_color", np.random.default_rng(2))
    assert len(np.unique(shifted.reshape(-1, 3), axis=0)) == 1
    assert not np.array_equal(shifted[0, 0], plain[0, 0])


def test_the_middle_is_the_middle() -> None:
    assert np.array_equal(middle(PICTURE, (20, 30)), PICTURE[10:30, 10:40])
