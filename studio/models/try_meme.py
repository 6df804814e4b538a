"""One meme asked of what serves, and the sample memes that one may pick."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from inference.client import EnsembleClient
from inference.reading import readable_copy
from inference.serving import serving_model
from memotion.layout import IMAGES, INPUT_PARAMETER
from memotion.picture import PictureError, standard_jpeg
from pipeline import s3_objects
from pipeline.clients import sagemaker_client
from pipeline.definition.settings import Settings
from pipeline.errors import NotFoundError
from pipeline.executions import executions
from pipeline.executions.results import report
from pipeline.executions.results.pairing import heads_of
from pipeline.releases import endpoints, registry
from pipeline.releases.endpoints import Endpoint
from studio.models.confidence import evidence, in_words
from studio.web.app_state import Answer, Sample, Verdict
from studio.web.error_messages import EXPECTED
from studio.web.errors import BadRequestError

if TYPE_CHECKING:
    from boto3 import Session

SAMPLES = 8
SERVING = ("InService", "Updating")
# Only to see that a picture can be decoded and how large it is.
TRIAL_SIDE = 32


def serving(session: Session, settings: Settings) -> list[Endpoint]:
    """Production and staging as far as they serve, in this order."""
    return [endpoint for endpoint in endpoints.both(session, settings) if endpoint.status in SERVING]


def chosen(endpoints: list[Endpoint], stage: str) -> Endpoint:
    """That of the stage, else the first. Raises NotFoundError where none serves."""
    if not endpoints:
        raise NotFoundError("no endpoint is InService: an execution that passes its gate deploys to staging")
    return next((endpoint for endpoint in endpoints if endpoint.stage == stage), endpoints[0])


def ask(session: Session, endpoint: Endpoint, picture: bytes, text: str | None) -> Answer:
    """Without `text` it is read from the picture. Raises InferenceError."""
    prediction = EnsembleClient(session, endpoint.name).predict(picture, text)
    figures = _figures(session, endpoint)
    verdicts = {
        name: Verdict(in_words(head.probability, len(head.probabilities)), evidence(figures, name, head.probability))
        for name, head in prediction.heads.items()
    }
    return Answer(fingerprint(picture), endpoint, prediction, verdicts)


def fingerprint(picture: bytes) -> str:
    return hashlib.sha256(picture).hexdigest()


def shown(picture: bytes) -> bytes:
    """The picture as a JPEG of ours, whatever its bytes claim to be. Raises BadRequestError where it is none."""
    try:
        standard_jpeg(picture, TRIAL_SIDE)
    except PictureError as error:
        raise BadRequestError(f"The picture cannot be shown: {error}.", 404) from error
    return readable_copy(picture)


def samples(session: Session, endpoint: Endpoint) -> list[Sample]:
    """The first test memes of the execution whose package the endpoint serves; none of a package made by hand.

    Raises NotFoundError where the execution or its predictions are gone.
    """
    if endpoint.package is None:
        return []
    package = sagemaker_client(session).describe_model_package(ModelPackageName=endpoint.package)
    arn = registry.execution_of(package)
    if arn is None:
        return []
    folder = executions.parameters(session, arn)[INPUT_PARAMETER].rstrip("/")
    rows = report.predictions(session, arn)[:SAMPLES]
    named = _names(session, package)
    return [Sample(f"{folder}/{IMAGES}/{row['image_name']}", row["caption"], named(row["labels"])) for row in rows]


def _names(session: Session, package: Mapping[str, Any]) -> Callable[[Sequence[int]], Mapping[str, str]]:
    """What names a row's class ids, in the heads of the package's evaluation; without one nothing is known."""
    try:
        figures = registry.figures_of(session, package)
        heads = heads_of(figures) if figures else None
    except (KeyError, TypeError, *EXPECTED):
        heads = None
    return heads.decode if heads else lambda _: {}


def picture_of(session: Session, sample: Sample) -> bytes:
    return s3_objects.read(session, sample.uri)


def _figures(session: Session, endpoint: Endpoint) -> report.Evaluation | None:
    """The evaluation of what the endpoint serves; None where it cannot be had, for it only adds to an answer."""
    try:
        model = serving_model(session, endpoint.name)
        return registry.figures_of(session, {"InferenceSpecification": {"Containers": model.get("Containers", [])}})
    except EXPECTED:
        return None
