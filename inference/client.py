"""The client of a deployed ensemble: both containers asked at once, their answers combined as evaluation does it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inference import combining, containers, prediction, reading
from inference.containers import Asked
from inference.errors import ContainerError, PictureRefused
from inference.prediction import Prediction, TextSource
from inference.serving import IMAGE_CONTAINER, TEXT_CONTAINER
from memotion.ensemble import Combiner
from memotion.picture import PictureError, standard_jpeg
from memotion.text import clean_caption

if TYPE_CHECKING:
    from boto3 import Session

HOSTNAMES = {"image": IMAGE_CONTAINER, "text": TEXT_CONTAINER}
TIMEOUT = 60.0
Probabilities = NDArray[np.float64]
Timings = dict[str, float]


class EnsembleClient:
    """One endpoint, asked through a boto3 session. Safe to share between threads; what the endpoint serves is looked up
    once, so make a new client after a deployment.

    `strict` makes a failing container an error; otherwise the other one's answer is given, marked as degraded. A
    container has `timeout` seconds, however often it is asked again in them; lines that the reader is less than
    `min_confidence` percent sure of are left out.
    """

    def __init__(
        self,
        session: Session,
        endpoint: str,
        *,
        strict: bool = False,
        timeout: float = TIMEOUT,
        min_confidence: float = reading.MIN_CONFIDENCE,
    ) -> None:
        self._session = session
        self._endpoint = endpoint
        self._strict = strict
        self._timeout = timeout
        self._min_confidence = min_confidence
        self._runtime = containers.runtime(session, timeout)

    @cached_property
    def combiner(self) -> Combiner:
        """Raises EndpointError where the endpoint is not there, or serves what this client cannot use."""
        return combining.combiner(self._session, self._endpoint)

    @cached_property
    def _rekognition(self) -> Any:
        return self._session.client("rekognition")

    def predict(self, picture: bytes, text: str | None = None, name: str = "") -> Prediction:
        """Answer one meme. Without `text` it is read from the picture; an empty one says that there is none.

        Raises PictureRefused, ReadingError, EndpointError, and ContainerError where no container answered, or one did
        not and the client is strict.
        """
        timings: Timings = {}
        with _timed(timings, "total"):
            jpeg = self._standard(picture, timings)
            image = self._asked("image", timings, containers.ask_image, jpeg)
            caption, source = self._caption(picture, text, timings)
            words = clean_caption(caption)
            spoken = self._asked("text", timings, containers.ask_text, words) if words else None
            answers, failed = self._gather(image, spoken)
            together = self.combiner.combine(*(None if each is None else each[np.newaxis] for each in answers.values()))
        return Prediction(
            image=name,
            text=caption if words else "",
            text_source=source if words else "none",
            heads=prediction.heads_of(self.combiner, together[0]),
            models=prediction.opinions(self.combiner, answers),
            degraded=failed.hostname if failed else None,
            timings_ms={step: round(took, 1) for step, took in sorted(timings.copy().items())},
        )

    def _standard(self, picture: bytes, timings: Timings) -> bytes:
        size = self.combiner.image_size
        with _timed(timings, "picture"):
            try:
                return standard_jpeg(picture, size)
            except PictureError as error:
                raise PictureRefused(f"the picture cannot be used: {error}") from error

    def _caption(self, picture: bytes, text: str | None, timings: Timings) -> tuple[str, TextSource]:
        if text is not None:
            return text, "given"
        with _timed(timings, "reading"):
            return reading.read_text(self._rekognition, picture, self._min_confidence), "ocr"

    def _asked(self, step: str, timings: Timings, ask: containers.Ask, content: bytes | str) -> Asked:
        def answer() -> Probabilities:
            with _timed(timings, step):
                return ask(self._runtime, self._endpoint, content, self.combiner.num_classes)

        return Asked(HOSTNAMES[step], answer, self._timeout)

    def _gather(
        self, image: Asked, text: Asked | None
    ) -> tuple[dict[str, Probabilities | None], ContainerError | None]:
        """Both answers, None for one that is missing, and the failure that is to be told. Raises it where it must."""
        answers: dict[str, Probabilities | None] = {}
        failures = []
        for model, asked in {"image": image, "text": text}.items():
            try:
                answers[model] = asked.result() if asked else None
            except ContainerError as error:
                answers[model] = None
                failures.append(error)
        if failures and (self._strict or not any(answer is not None for answer in answers.values())):
            raise failures[0]
        return answers, failures[0] if failures else None


@contextmanager
def _timed(timings: Timings, step: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        timings[step] = (time.perf_counter() - began) * 1000
