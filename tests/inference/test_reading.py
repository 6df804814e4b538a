"""The text of a picture: what the reader is sent, and in which order its lines are read."""

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inference.reading import MAX_BYTES, MIN_SIDE, in_reading_order, read_text, readable_copy


def line(text: str, left: float, top: float, confidence: float = 99.0) -> dict[str, Any]:
    box = {"Left": left, "Top": top, "Width": 0.2, "Height": 0.1}
    return {"Type": "LINE", "DetectedText": text, "Confidence": confidence, "Geometry": {"BoundingBox": box}}


def test_lines_are_read_from_the_top_and_within_a_row_from_the_left() -> None:
    lines = [line("bottom", 0.0, 0.9), line("right", 0.6, 0.09), line("left", 0.1, 0.11), line("middle", 0.3, 0.5)]
    assert [each["DetectedText"] for each in in_reading_order(lines)] == ["left", "right", "middle", "bottom"]


def test_words_and_uncertain_lines_are_left_out(service: Any) -> None:
    detections = [line("SURE", 0, 0.5), line("doubtful", 0, 0.6, 40.0), {**line("SURE", 0, 0.5), "Type": "WORD"}]
    service.answers["DetectText"] = lambda _: {"TextDetections": detections}
    assert read_text(service.session.client("rekognition"), picture("RGB", (100, 100))) == "SURE"


def picture(mode: str, size: tuple[int, int], form: str = "PNG") -> bytes:
    target = BytesIO()
    Image.new(mode, size).save(target, form)
    return target.getvalue()


@given(
    st.sampled_from([("RGB", "BMP"), ("RGBA", "PNG"), ("L", "GIF"), ("P", "PNG"), ("LA", "PNG"), ("CMYK", "JPEG")]),
    st.tuples(st.integers(1, 3000), st.integers(1, 300)),
)
def test_any_picture_is_sent_within_the_services_limits(kind: tuple[str, str], size: tuple[int, int]) -> None:
    mode, form = kind
    copy = readable_copy(picture(mode, size, form))
    with Image.open(BytesIO(copy)) as sent:
        assert (sent.format, sent.mode) == ("JPEG", "RGB")
        assert min(sent.size) >= MIN_SIDE
    assert len(copy) <= MAX_BYTES


@pytest.mark.parametrize("size", [(60_000, 1), (1, 60_000), (2048, 80), (90, 1500)])
def test_a_thin_picture_is_padded_so_that_no_reader_enlarges_it_beyond_bounds(size: tuple[int, int]) -> None:
    with Image.open(BytesIO(readable_copy(picture("RGB", size)))) as sent:
        assert max(sent.size) <= 8 * min(sent.size) + 8


def test_a_picture_is_sent_upright() -> None:
    target = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (200, 100)).save(target, "JPEG", exif=exif)
    with Image.open(BytesIO(readable_copy(target.getvalue()))) as sent:
        assert sent.size == (100, 200)


def test_noise_of_the_largest_size_stays_below_the_limit() -> None:
    noise = Image.effect_noise((2600, 2600), 200).convert("RGB")
    target = BytesIO()
    noise.save(target, "PNG")
    assert len(readable_copy(target.getvalue())) <= MAX_BYTES


@pytest.mark.parametrize("transparent", [0, 255])
def test_what_is_transparent_is_white(transparent: int) -> None:
    target = BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, transparent)).save(target, "PNG")
    with Image.open(BytesIO(readable_copy(target.getvalue()))) as sent:
        assert sent.getpixel((50, 50)) == ((255, 255, 255) if transparent == 0 else (0, 0, 0))
