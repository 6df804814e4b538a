"""A version beside the one that production serves: whether it is worse by more than chance makes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inference.serving import ensemble_uri
from memotion.layout import PREDICTIONS
from pipeline import s3_objects
from pipeline.aws_errors import FROM_AWS, sentence
from pipeline.clients import sagemaker_client
from pipeline.definition.settings import Settings
from pipeline.errors import PipelineError
from pipeline.executions.results.pairing import ENSEMBLE, Difference, Evaluated, paired
from pipeline.releases import endpoints, registry

if TYPE_CHECKING:
    from boto3 import Session

if TYPE_CHECKING:
    from boto3 import Session

Package = Mapping[str, Any]


@dataclass(frozen=True)
class Succession:
    """`difference` is the version's macro-F1 minus the serving one's; None where `problem` says why it is not known.

    `executions` are the ARNs of those that made both, the serving one's first; None where either was made by hand.
    """

    version: int
    serving: int
    memes: int
    difference: Difference | None
    problem: str
    executions: tuple[str, str] | None

    @property
    def is_worse(self) -> bool:
        return self.difference is not None and self.difference.high < 0

    @property
    def words(self) -> str:
        """In a few words, for a table."""
        if self.difference is None:
            return "cannot be compared"
        return f"{_finding(self.difference)} ({self.difference.value:+.3f})"

    @property
    def sentence(self) -> str:
        """Of letters, digits and such signs alone that a notice carries them as they are."""
        both = f"Version {self.version} beside version {self.serving}, which production serves"
        if self.difference is None:
            return f"{both}: {self.problem}."
        value, low, high = self.difference.value, self.difference.low, self.difference.high
        return (
            f"{both}: {_finding(self.difference)}. Macro-F1 {value:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}, "
            f"over the same {self.memes} test memes."
        )


def serving_package(session: Session, settings: Settings) -> Package | None:
    """Return what production serves; None where it serves nothing, or nothing that can be told."""
    arn = endpoints.package_of(session, settings.model_package_group, settings.endpoint_name)
    return sagemaker_client(session).describe_model_package(ModelPackageName=arn) if arn else None


def beside(session: Session, package: Package, serving: Package | None) -> Succession | None:
    """Compare a version with the one that serves; None where there is none, or it is this one.

    What cannot be compared has a sentence, and is never an error.
    """
    if serving is None or serving["ModelPackageArn"] == package["ModelPackageArn"]:
        return None
    difference, memes, problem = None, 0, ""
    try:
        pair = paired(_evaluated(session, serving), _evaluated(session, package), (ENSEMBLE,))
        difference, memes = pair.overall[ENSEMBLE], pair.memes
    except PipelineError as error:
        problem = str(error)
    except FROM_AWS as error:
        problem = f"the figures cannot be read: {sentence(error)}"
    except (KeyError, TypeError, ValueError, IndexError) as error:  # whatever wrote these files, it was other code
        problem = f"the evaluation was written by other code: {error!r}"
    versions = package["ModelPackageVersion"], serving["ModelPackageVersion"]
    return Succession(*versions, memes, difference, problem.rstrip("."), _executions(serving, package))


def beside_production(session: Session, settings: Settings, package: Package) -> Succession | None:
    """Compare a version with what production serves now."""
    return beside(session, package, serving_package(session, settings))


def _finding(difference: Difference) -> str:
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "no difference beyond chance"


def _evaluated(session: Session, package: Package) -> Evaluated:
    """What lies beside the package's ensemble.json."""
    figures = registry.figures_of(session, package)
    uri = ensemble_uri(package.get("InferenceSpecification", {}).get("Containers", []))
    if figures is None or uri is None:
        return Evaluated(None, (), f"{registry.name(package)} names no evaluation")
    lines = s3_objects.read(session, f"{uri.rpartition('/')[0]}/{PREDICTIONS}").splitlines()
    return Evaluated(figures, [json.loads(line) for line in lines])


def _executions(serving: Package, package: Package) -> tuple[str, str] | None:
    former, fresh = registry.execution_of(serving), registry.execution_of(package)
    return (former, fresh) if former and fresh else None
