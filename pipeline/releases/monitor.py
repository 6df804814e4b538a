"""What an endpoint answered lately, against what its package answered on the test set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inference.capture import captured
from inference.combining import combiner
from inference.drift import HeadDrift, drift
from inference.serving import ensemble_uri, serving_model
from memotion.ensemble import Combiner
from memotion.layout import PREDICTIONS
from pipeline import s3_objects
from pipeline.definition.settings import Settings
from pipeline.errors import NotFoundError
from pipeline.releases import endpoints

if TYPE_CHECKING:
    from boto3 import Session


@dataclass(frozen=True)
class Monitored:
    """`captured` and `reference` count the answers that were compared."""

    endpoint: str
    package: str | None
    captured: int
    reference: int
    heads: Mapping[str, HeadDrift]

    def to_json(self) -> dict[str, Any]:
        heads = {
            name: {"psi": each.psi, "noise_95": each.noise, "drifted": each.drifted, "expected": each.expected,
                   "actual": each.actual}
            for name, each in self.heads.items()
        }  # fmt: skip
        return {
            "EndpointName": self.endpoint,
            "ModelPackageArn": self.package,
            "captured": self.captured,
            "reference": self.reference,
            "heads": heads,
        }


def monitor(session: Session, settings: Settings, endpoint: str, days: int) -> Monitored:
    """Compare the last days' captured answers of what serves now; one model's alone are no answers of the ensemble.

    Raises NotFoundError where there are none, and EndpointError where there is no such endpoint.
    """
    combining = combiner(session, endpoint)
    package = endpoints.package_of(session, settings.model_package_group, endpoint)
    captured_lines = captured(session, settings.bucket, endpoint, days)
    lines = [line for line in captured_lines if line["package"] == (package or "") and not line.get("degraded")]
    if not lines:
        raise NotFoundError(
            f"nothing that {endpoint} answered in the last {days} days with its present package was captured: "
            "`python pipeline.py predict --capture 1` keeps every answer"
        )
    expected = _evaluated(session, endpoint, combining)
    captured_heads = [line["probabilities"] for line in lines]
    actual = _named(
        combining,
        [
            [by_head[head][name] for head, classes in combining.heads.items() for name in classes]
            for by_head in captured_heads
        ],
    )
    heads = {head: drift(classes, expected[head], actual[head]) for head, classes in combining.heads.items()}
    return Monitored(endpoint, package, len(lines), len(next(iter(expected.values()))), heads)


def _evaluated(session: Session, endpoint: str, combining: Combiner) -> dict[str, list[str]]:
    """What the ensemble answered to each meme of the test set, a list a head; it lies beside the ensemble.json."""
    uri = ensemble_uri(serving_model(session, endpoint)["Containers"]) or ""
    lines = s3_objects.read(session, f"{uri.rpartition('/')[0]}/{PREDICTIONS}").splitlines()
    return _named(combining, [json.loads(line)["ensemble"] for line in lines])


def _named(combining: Combiner, answers: list[list[float]]) -> dict[str, list[str]]:
    """Return the classes that the combiner decides on, a list a head, for answers in the order of the class ids."""
    decided = combining.decide(np.array(answers))
    return {
        head: [classes[position] for position in decided[:, h].tolist()]
        for h, (head, classes) in enumerate(combining.heads.items())
    }
