"""Rekognition: DetectText, where this environment has what reads text."""

from __future__ import annotations

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.extras import lacking


@operation("rekognition", "DetectText")
def detect_text(cloud: Cloud, request: Request) -> Answer:
    """LINE detections from top to bottom, then the WORDs of each. Raises ServiceError."""
    sentence = lacking("ocr", ("numpy", "PIL", "rapidocr", "onnxruntime"))
    if sentence:
        raise ServiceError(f"no text can be read here: {sentence}", code="NotImplemented", status=501)
    from localcloud.services.text_detection import detect_text as detect  # imports NumPy and Pillow

    return detect(cloud, request)
