"""DetectText: what was drawn is read, where it was drawn, in the service's shape and within its limits."""

from __future__ import annotations

import io
import logging
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from PIL import Image, ImageDraw, ImageFont

LINES = {"WHEN YOU SEE IT": (40, 20), "ten year challenge": (60, 300)}
FONT_SIZE = 44


@pytest.fixture
def rekognition(session: boto3.Session) -> Any:
    return session.client("rekognition")


def meme(lines: dict[str, tuple[int, int]], size: tuple[int, int] = (640, 400)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    for text, place in lines.items():
        ImageDraw.Draw(image).text(place, text, font=ImageFont.load_default(FONT_SIZE), fill="black")
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def texts(answer: dict[str, Any], kind: str) -> list[str]:
    return [detection["DetectedText"] for detection in answer["TextDetections"] if detection["Type"] == kind]


def test_lines_and_words_are_read_where_they_were_drawn(rekognition: Any) -> None:
    answer = rekognition.detect_text(Image={"Bytes": encoded(meme(LINES))})
    assert texts(answer, "LINE") == list(LINES)
    assert texts(answer, "WORD") == " ".join(LINES).split()
    detections = answer["TextDetections"]
    assert [detection["Id"] for detection in detections] == list(range(len(detections)))
    assert [detection["ParentId"] for detection in detections[2:]] == [0, 0, 0, 0, 1, 1, 1]
    for detection, (text, place) in zip(detections, LINES.items(), strict=False):
        left, top, right, bottom = ImageDraw.Draw(Image.new("RGB", (1, 1))).textbbox(
            place, text, font=ImageFont.load_default(FONT_SIZE)
        )
        box = detection["Geometry"]["BoundingBox"]
        assert box["Left"] * 640 == pytest.approx(left, abs=20)
        assert box["Top"] * 400 == pytest.approx(top, abs=20)
        assert (box["Left"] + box["Width"]) * 640 == pytest.approx(right, abs=20)
        assert (box["Top"] + box["Height"]) * 400 == pytest.approx(bottom, abs=20)
        assert 90 < detection["Confidence"] <= 100


def test_the_answer_has_the_shape_of_the_service(rekognition: Any) -> None:
    answer = rekognition.detect_text(Image={"Bytes": encoded(meme(LINES))})
    model = ServiceModel(Loader().load_service_model("rekognition", "service-2"), "rekognition")
    del answer["ResponseMetadata"]
    shape = model.operation_model("DetectText").output_shape
    assert not ParamValidator().validate(answer, shape).has_errors()
    assert set(answer["TextDetections"][0]) == set(shape.members["TextDetections"].member.members) - {"ParentId"}


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA")])
def test_jpeg_and_png_in_other_modes_are_read(rekognition: Any, kind: str, mode: str) -> None:
    answer = rekognition.detect_text(Image={"Bytes": encoded(meme(LINES).convert(mode), kind)})
    assert texts(answer, "LINE") == list(LINES)


def test_a_picture_on_its_side_is_turned_upright(rekognition: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    data = encoded(meme(LINES).rotate(90, expand=True), "JPEG", exif=exif)
    assert texts(rekognition.detect_text(Image={"Bytes": data}), "LINE") == list(LINES)


def test_an_object_is_read_too(rekognition: Any, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="memes/1.png", Body=encoded(meme(LINES)))
    answer = rekognition.detect_text(Image={"S3Object": {"Bucket": "bucket", "Name": "memes/1.png"}})
    assert texts(answer, "LINE") == list(LINES)


def test_a_picture_without_text_has_no_detections(rekognition: Any) -> None:
    assert rekognition.detect_text(Image={"Bytes": encoded(Image.new("RGB", (80, 80), "teal"))})["TextDetections"] == []


def test_at_most_a_hundred_words_are_detected(rekognition: Any) -> None:
    many = {f"aa bb cc dd ee ff gg hh {row}": (10, 50 * row) for row in range(15)}
    answer = rekognition.detect_text(Image={"Bytes": encoded(meme(many, (700, 760)))})
    assert len(texts(answer, "WORD")) == 100


UPPER = [{"X": 0.0, "Y": 0.0}, {"X": 1.0, "Y": 0.0}, {"X": 1.0, "Y": 0.5}, {"X": 0.0, "Y": 0.5}]
LOWER = {"Left": 0.0, "Top": 0.5, "Width": 1.0, "Height": 0.5}


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"RegionsOfInterest": [{"BoundingBox": LOWER}]}, ["ten", "year", "challenge"]),
        ({"RegionsOfInterest": [{"Polygon": UPPER}]}, ["WHEN", "YOU", "SEE", "IT"]),
        ({"WordFilter": {"MinBoundingBoxHeight": 0.9}}, []),
    ],
)
def test_filters_leave_the_words_of_a_region_and_of_a_height(
    rekognition: Any, filters: dict[str, Any], words: list[str]
) -> None:
    answer = rekognition.detect_text(Image={"Bytes": encoded(meme(LINES))}, Filters=filters)
    assert texts(answer, "WORD") == words


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"Bytes": b"no picture"}, "InvalidImageFormatException"),
        ({"Bytes": encoded(meme(LINES), "GIF")}, "InvalidImageFormatException"),
        ({"Bytes": encoded(meme(LINES), "BMP")}, "InvalidImageFormatException"),
        ({"Bytes": encoded(meme(LINES), "JPEG")[:1500]}, "InvalidImageFormatException"),
        ({"Bytes": encoded(Image.new("RGB", (79, 200)))}, "InvalidParameterException"),
        ({"Bytes": encoded(Image.new("1", (20_000, 20_000)))}, "InvalidParameterException"),
        ({"Bytes": encoded(meme(LINES)) + bytes(5_242_880)}, "ImageTooLargeException"),
        ({}, "InvalidParameterException"),
        ({"Bytes": b"x", "S3Object": {"Bucket": "bucket", "Name": "k"}}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": "bucket", "Name": "absent"}}, "InvalidS3ObjectException"),
        ({"S3Object": {"Bucket": "../..", "Name": "etc/passwd"}}, "InvalidS3ObjectException"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_service_refuses_is_refused(rekognition: Any, image: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as error:
        rekognition.detect_text(Image=image)
    assert error.value.response["Error"]["Code"] == code


def test_reading_says_nothing_on_the_way(
    rekognition: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        rekognition.detect_text(Image={"Bytes": encoded(Image.new("RGB", (100, 100)))})
    assert capfd.readouterr() == ("", "")
