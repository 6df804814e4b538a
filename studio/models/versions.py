"""A version of the package group with everything that a decision on it wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from localcloud import read
from pipeline.executions import executions, report
from pipeline.executions.start import INPUT
from pipeline.releases import endpoints, registry
from pipeline.releases.endpoints import Endpoint
from studio.models.metrics import checked
from studio.models.snapshot import definition_of
from studio.web.answering import Part, part
from studio.web.app_state import Site

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


@dataclass(frozen=True)
class Provenance:
    """Where a version came from: the data's prefix, and each job's code bundle by its step."""

    data: str
    code: Mapping[str, str]


def every(site: Site) -> list[Version]:
    """Newest first."""
    found = both(site)
    packages = registry.packages(site.session, site.settings.model_package_group)
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda each: _version(site, each, found), packages))


def one(site: Site, number: int) -> Version:
    """Raises NotFoundError."""
    return _version(site, registry.find(site.session, site.settings.model_package_group, number), both(site))


def both(site: Site) -> Part[list[Endpoint]]:
    """Production and staging."""
    return part(lambda: endpoints.both(site.session, site.settings))


def provenance(site: Site, version: Version) -> Provenance | None:
    """None for a package that was made by hand. Raises NotFoundError where its execution is gone."""
    arn = version.execution
    if arn is None:
        return None
    data = executions.parameters(site.session, arn).get(INPUT, "")
    return Provenance(data, code_of(definition_of(site, arn)))


def code_of(text: str) -> dict[str, str]:
    """The code bundle of each step that has one: its prefix ends in the hash of its files."""
    found = ((step.name, each.value) for step in read(text).steps.values() for each in step.origins)
    return {
        step: value.rstrip("/")
        for step, value in found
        if isinstance(value, str) and value.startswith("s3://") and CODE in value
    }


def _version(site: Site, package: Package, found: Part[list[Endpoint]]) -> Version:
    arn = package["ModelPackageArn"]
    serves = tuple(each.stage for each in found.value or [] if each.package == arn)
    return Version(package, part(lambda: _figures(site, package)), serves)


def _figures(site: Site, package: Package) -> report.Evaluation | None:
    """Those of a version do not change, and are read once."""
    arn = package["ModelPackageArn"]
    known = site.figures.get(arn)
    if known is None:
        known = registry.figures_of(site.session, package)
        if known is not None:
            site.figures.put(arn, checked(known))
    return known
