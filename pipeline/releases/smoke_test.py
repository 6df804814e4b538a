"""One meme asked of an endpoint that was just deployed: all containers have to answer."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from inference.client import EnsembleClient

if TYPE_CHECKING:
    from boto3 import Session

CAPTION = "does it answer"
SIDE = 64


def test(session: Session, endpoint: str) -> None:
    """Raises InferenceError where a container does not answer with probabilities."""
    picture = BytesIO()
    Image.new("RGB", (SIDE, SIDE), "grey").save(picture, "PNG")
    EnsembleClient(session, endpoint, strict=True).predict(picture.getvalue(), CAPTION)
