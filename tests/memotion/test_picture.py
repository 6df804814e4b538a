"""The standard picture: every format and mode of the wild, orientation, hostile files, quality."""

from __future__ import annotations

import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps, features
from scipy.ndimage import gaussian_filter

from memotion.picture import MAX_PIXELS, PictureError, standard_jpeg, standard_picture

SIZE = 64
CORNERS = ((200, 30, 30), (30, 160, 40), (40, 60, 190), (235, 225, 60))
"""The colours of a picture's quarters: top left, top right, bottom left, bottom right."""


def quarters(width: int = 120, height: int = 90) -> Image.Image:
    picture = Image.new("RGB", (width, height))
    for place, colour in enumerate(CORNERS):
        x, y = place % 2 * width // 2, place // 2 * height // 2
        picture.paste(colour, (x, y, x + width // 2, y + height // 2))
    return picture


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    target = BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def decoded(jpeg: bytes) -> Image.Image:
    picture = Image.open(BytesIO(jpeg))
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert not picture.getexif()
    return picture


def corners(picture: Image.Image) -> NDArray[np.float64]:
    """(4, 3) the colours in the middle of the quarters."""
    near, far = picture.width // 4, picture.width * 3 // 4
    return np.array([picture.getpixel(place) for place in ((near, near), (far, near), (near, far), (far, far))], float)


def assert_close(corner_values: NDArray[np.float64], expected: object, within: float = 6) -> None:
    assert np.abs(corner_values - np.array(expected, float)).max() <= within, corner_values


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        pytest.param("AVIF", {}, marks=pytest.mark.skipif(not features.check("avif"), reason="built without AVIF")),
    ],
)
def test_every_format_keeps_its_colours(form: str, options: dict[str, object]) -> None:
    standard = decoded(standard_jpeg(encoded(quarters(), form, **options), SIZE))
    assert standard.size == (SIZE, SIZE)
    assert_close(corners(standard), CORNERS)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16", "CMYK"])
@pytest.mark.parametrize("size", [1, 28, 224])
def test_every_mode_becomes_rgb_of_exactly_the_size(mode: str, size: int) -> None:
    picture = quarters().convert("L").convert(mode) if mode == "I;16" else quarters().convert(mode)
    assert decoded(standard_jpeg(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"), size)).size == (size, size)


def test_a_picture_that_is_smaller_than_the_size_is_enlarged() -> None:
    assert_close(corners(decoded(standard_jpeg(encoded(quarters(8, 6), "PNG"), 224))), CORNERS)


def test_what_is_transparent_is_white() -> None:
    clear = quarters().convert("RGBA")
    clear.putalpha(0)
    assert_close(corners(decoded(standard_jpeg(encoded(clear, "PNG"), SIZE))), [(255, 255, 255)] * 4)


def test_half_transparency_is_half_way_to_white() -> None:
    half = quarters().convert("RGBA")
    half.putalpha(128)
    expected = (np.array(CORNERS) + 255) / 2
    assert_close(corners(decoded(standard_jpeg(encoded(half, "WEBP", lossless=True), SIZE))), expected)


def test_grey_with_alpha_lies_over_white() -> None:
    grey = Image.new("LA", (50, 50), (60, 0))
    grey.paste((60, 255), (0, 0, 25, 50))
    standard = decoded(standard_jpeg(encoded(grey, "PNG"), SIZE))
    assert_close(corners(standard), [(60,) * 3, (255,) * 3] * 2)


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    palette = quarters().quantize(8)
    palette.info["transparency"] = palette.getpixel((1, 1))
    standard = decoded(standard_jpeg(encoded(palette, "PNG", transparency=palette.getpixel((1, 1))), SIZE))
    assert_close(corners(standard), [(255, 255, 255), *CORNERS[1:]])


def test_a_transparent_colour_of_true_colour_is_white() -> None:
    standard = decoded(standard_jpeg(encoded(quarters(), "PNG", transparency=CORNERS[3]), SIZE))
    assert_close(corners(standard), [*CORNERS[:3], (255, 255, 255)])


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256 * 256).reshape(256, 256).astype(np.uint16)
    standard = decoded(standard_jpeg(encoded(Image.fromarray(ramp), "PNG"), 256))
    assert_close(np.asarray(standard, float)[:, 128, 0], np.linspace(0, 255, 256), within=3)


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [quarters(), Image.new("RGB", (120, 90), "black")]
    gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert_close(corners(decoded(standard_jpeg(gif, SIZE))), CORNERS)


def without_adobe_marker(jpeg: bytes) -> bytes:
    marker = jpeg.index(b"\xff\xee")
    return jpeg[:marker] + jpeg[marker + 2 + int.from_bytes(jpeg[marker + 2 : marker + 4], "big") :]


@pytest.mark.parametrize("marked", [True, False])
def test_printing_inks_come_out_as_the_image_algorithms_own_decoder_sees_them(marked: bool) -> None:
    jpeg = encoded(quarters().convert("CMYK"), "JPEG", quality=95)
    jpeg = jpeg if marked else without_adobe_marker(jpeg)
    oracle = cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    standard = corners(decoded(standard_jpeg(jpeg, SIZE)))
    assert_close(standard, CORNERS)
    assert_close(standard, corners(Image.fromarray(oracle).resize((SIZE, SIZE))), within=8)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_stands_upright(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(quarters(), form, exif=exif)
    oracle = ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB").resize((SIZE, SIZE))
    assert_close(corners(decoded(standard_jpeg(data, SIZE))), corners(oracle), within=8)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_metadata_does_not_spoil_a_picture() -> None:
    data = encoded(quarters(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 20)
    assert_close(corners(decoded(standard_jpeg(data, SIZE))), CORNERS, within=8)


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its few bytes do not hold."""
    data = bytearray(encoded(Image.new("L", (1, 1)), "PNG"))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"this is no picture", "none of JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "none of JPEG"),
        (b"\x89PNG\r\n\x1a\n", "none of JPEG"),
        (encoded(quarters(), "JPEG")[:400], "cannot be decoded"),
        (encoded(quarters(), "PNG")[:-40], "cannot be decoded"),
        (encoded(quarters(), "GIF")[:60], "cannot be decoded"),
        (encoded(quarters(), "BMP")[:500], "cannot be decoded"),
        (encoded(quarters(), "WEBP")[:60], "it "),
        (encoded(quarters(), "AVIF")[:-20] + bytes(20), "cannot be decoded"),
        (png_of(0, 10), "it "),
        (png_of(20_000, 20_000), f"more than {MAX_PIXELS}"),
        (png_of(2**31 - 1, 2**31 - 1), f"more than {MAX_PIXELS}"),
        (png_of(9_000, 9_000), f"more than {MAX_PIXELS}"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PictureError, match=reason):
        standard_jpeg(data, SIZE)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF"]),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
    st.integers(0, 3000),
)
def test_a_damaged_file_is_refused_or_becomes_a_standard_picture(
    form: str, patches: list[tuple[int, bytes]], length: int
) -> None:
    data = bytearray(encoded(quarters(), form))
    for place, patch in patches:
        place %= len(data)
        data[place : place + len(patch)] = patch
    try:
        jpeg = standard_jpeg(bytes(data[: max(length, 1)]), 16)
    except PictureError as error:
        assert str(error)
    else:
        assert decoded(jpeg).size == (16, 16)


def test_the_source_is_described_as_it_was() -> None:
    described = standard_picture(encoded(quarters().quantize(8), "PNG"), SIZE)
    assert (described.width, described.height, described.mode, described.format) == (120, 90, "P", "PNG")


def test_the_same_bytes_give_the_same_bytes() -> None:
    data = encoded(quarters(), "WEBP")
    assert standard_jpeg(data, SIZE) == standard_jpeg(data, SIZE)


def structural_similarity(one: Image.Image, other: Image.Image) -> float:
    """Wang et al. 2004, Gaussian window of 1.5, on luminance."""

    def blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return gaussian_filter(values, 1.5, truncate=3.5)

    a, b = (np.asarray(picture.convert("L"), float) for picture in (one, other))
    mean_a, mean_b = blurred(a), blurred(b)
    variances = blurred(a * a) - mean_a**2 + blurred(b * b) - mean_b**2
    covariance = blurred(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + 6.5025) * (2 * covariance + 58.5225)
    return float((likeness / ((mean_a**2 + mean_b**2 + 6.5025) * (variances + 58.5225))).mean())


@pytest.mark.parametrize("size", [(640, 480), (800, 600), (1024, 768), (1200, 900)])
def test_scaled_decoding_is_as_good_to_the_eye_as_plain_lanczos(size: tuple[int, int]) -> None:
    draw = np.random.default_rng(0)
    noise = np.stack([gaussian_filter(draw.normal(size=size[::-1]), 2) for _ in range(3)], 2)
    photograph = Image.fromarray(np.clip(noise / noise.std() * 45 + 128, 0, 255).astype(np.uint8))
    data = encoded(photograph, "JPEG", quality=90)
    plain = Image.open(BytesIO(data)).convert("RGB").resize((224, 224), Image.Resampling.LANCZOS)
    assert structural_similarity(standard_picture(data, 224).pixels, plain) > 0.98
