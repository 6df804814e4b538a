"""A version of the package group with everything that a decision on it wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from localcloud import read
from memotion.layout import INPUT_PARAMETER
from pipeline.executions import executions
from pipeline.executions.results import report
from pipeline.releases import endpoints, registry, succession
from pipeline.releases.endpoints import Endpoint
from pipeline.releases.succession import Succession
from studio.models.metrics import checked
from studio.models.snapshot import definition_of
from studio.web.answering import Part, part
from studio.web.app_state import AppState

CODE = "/code/"
THREADS = 8
Package = Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """A package; `figures` are None where its evaluation is not to be found; `serves` are the stages."""

    package: Package
    figures: Part[report.Evaluation | None]
    serves: tuple[str, ...]

    @property
    def number(self) -> int:
        return int(self.package["ModelPackageVersion"])

    @property
    def status(self) -> str:
        return str(self.package["ModelApprovalStatus"])

    @property
    def execution(self) -> str | None:
        return registry.execution_of(self.package)

    @property
    def sentence(self) -> str:
        return report.verdict(self.figures.value) if self.figures.value else ""

    @property
    def better(self) -> bool:
        return bool(self.figures.value and report.better_than_chance(self.figures.value))

    @property
    def warnings(self) -> list[str]:
        return report.warnings(self.figures.value) if self.figures.value else []


def beside_production(app_state: AppState, version: Version) -> Part[Succession | None]:
    """How it stands to what production serves; the value is None where that is nothing, or this version."""
    return part(lambda: succession.beside_production(app_state.session, app_state.settings, version.package))


@dataclass(frozen=True)
class Provenance:
    """Where a version came from: the data's prefix, and each job's code bundle by its step."""

    data: str
    code: Mapping[str, str]


def every(app_state: AppState) -> list[Version]:
    """Newest first."""
    endpoints = both(app_state)
    packages = registry.packages(app_state.session, app_state.settings.model_package_group)
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda each: _version(app_state, each, endpoints), packages))


def one(app_state: AppState, number: int) -> Version:
    """Raises NotFoundError."""
    return _version(
        app_state, registry.find(app_state.session, app_state.settings.model_package_group, number), both(app_state)
    )


def both(app_state: AppState) -> Part[list[Endpoint]]:
    """Production and staging."""
    return part(lambda: endpoints.both(app_state.session, app_state.settings))


def provenance(app_state: AppState, version: Version) -> Provenance | None:
    """None for a package that was made by hand. Raises NotFoundError where its execution is gone."""
    arn = version.execution
    if arn is None:
        return None
    data = executions.parameters(app_state.session, arn).get(INPUT_PARAMETER, "")
    return Provenance(data, code_of(definition_of(app_state, arn)))


def code_of(text: str) -> dict[str, str]:
    """The code bundle of each step that has one: its prefix ends in the hash of its files."""
    origins = ((step.name, each.value) for step in read(text).steps.values() for each in step.origins)
    return {
        step: value.rstrip("/")
        for step, value in origins
        if isinstance(value, str) and value.startswith("s3://") and CODE in value
    }


def _version(app_state: AppState, package: Package, endpoints: Part[list[Endpoint]]) -> Version:
    arn = package["ModelPackageArn"]
    serves = tuple(each.stage for each in endpoints.value or [] if each.package == arn)
    return Version(package, part(lambda: _figures(app_state, package)), serves)


def _figures(app_state: AppState, package: Package) -> report.Evaluation | None:
    """Those of a version do not change, and are read once."""
    arn = package["ModelPackageArn"]
    figures = app_state.figures.get(arn)
    if figures is None:
        figures = registry.figures_of(app_state.session, package)
        if figures is not None:
            app_state.figures.put(arn, checked(figures))
    return figures
