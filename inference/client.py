"""The client of a deployed ensemble: all containers asked at once, their answers combined as evaluation does it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inference import combining, containers, prediction, reading
from inference.containers import Asked, Meme
from inference.errors import ContainerError, EndpointError, PictureRefused
from inference.prediction import Prediction, TextSource
from memotion.ensemble import Combiner
from memotion.opinions import Opinion
from memotion.picture import PictureError, standard_jpeg
from memotion.script_requests import CAPTION, PICTURE
from memotion.text import clean_caption

if TYPE_CHECKING:
    from boto3 import Session

TIMEOUT = 60.0
Probabilities = NDArray[np.float64]
Timings = dict[str, float]


class EnsembleClient:
    """One endpoint, asked through a boto3 session. Safe to share between threads; what the endpoint serves is looked up
    once, so make a new client after a deployment.

    `strict` makes a failing container an error; otherwise the answer of the others is given, marked as degraded. A
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
            asked = self._ask(Meme(jpeg), timings, (PICTURE,))
            caption, source = self._caption(picture, text, timings)
            words = clean_caption(caption)
            asked |= self._ask(Meme(jpeg, words), timings, (CAPTION,), (PICTURE, CAPTION)) if words else {}
            answers, failed = self._gather(asked)
            together = self.combiner.combine({name: answer[np.newaxis] for name, answer in answers.items()})
        return Prediction(
            image=name,
            text=caption if words else "",
            text_source=source if words else "none",
            heads=prediction.heads_of(self.combiner, together[0]),
            models=prediction.opinions(self.combiner, answers),
            degraded=failed.hostname if failed else None,
            asked=self.combiner.names,
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

    def _ask(self, meme: Meme, timings: Timings, *senses: tuple[str, ...]) -> dict[str, Asked]:
        """Begin to ask the containers of the opinions that see what one of `senses` says, by the opinions' names."""
        return {each.name: self._asked(each, meme, timings) for each in self.combiner.opinions if each.sees in senses}

    def _asked(self, opinion: Opinion, meme: Meme, timings: Timings) -> Asked:
        def answer() -> Probabilities:
            with _timed(timings, opinion.name):
                return containers.ask(self._runtime, self._endpoint, opinion, meme, self.combiner.num_classes)

        return Asked(opinion.hostname, answer, self._timeout)

    def _gather(self, asked: Mapping[str, Asked]) -> tuple[dict[str, Probabilities], ContainerError | None]:
        """The answers that came, in the opinions' order, and the failure that is to be told. Raises it where it must.

        A meme of which no opinion sees anything raises EndpointError.
        """
        answers: dict[str, Probabilities] = {}
        failures = []
        for name in [name for name in self.combiner.names if name in asked]:
            try:
                answers[name] = asked[name].result()
            except ContainerError as error:
                failures.append(error)
        if failures and (self._strict or not answers):
            raise failures[0]
        if not answers:
            raise EndpointError(
                "the picture has no text, and every model of the package needs some: give it with --text"
            )
        return answers, failures[0] if failures else None


@contextmanager
def _timed(timings: Timings, step: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        timings[step] = (time.perf_counter() - began) * 1000
