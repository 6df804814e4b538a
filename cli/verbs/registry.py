"""The verbs of the registry: what was registered, and a person's decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import Json, Local, connected, typed, verb

if TYPE_CHECKING:
    from boto3 import Session

    from pipeline.account.session import Connection
    from pipeline.definition.settings import Settings
    from pipeline.executions.results.report import Evaluation
    from pipeline.releases.registry import Decision, Package

Version = Annotated[int | None, typer.Argument(help="The newest that waits for a decision where none is given.")]
Comment = Annotated[str, typer.Option(help="Why; it is recorded with who decided.")]


@verb("packages")
def packages(local: Local = False, as_json: Json = False) -> None:
    """List the registered versions, newest first, with their figures, status and decision."""
    from cli import output, tables
    from pipeline.releases import registry, succession

    connection, settings = connected(local)
    versions = list(registry.packages(connection.session, settings.model_package_group))
    if as_json:
        output.show_json(versions)
    else:
        session = connection.session
        serving = succession.serving_package(session, settings)
        rows = [(each, _figures(session, each), _beside(session, each, serving)) for each in versions]
        output.show(tables.packages(rows))


@verb('approve 3 --comment "beats version 2 on every head"')
def approve(
    version: Version = None,
    comment: Comment = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where it is worse than what production serves.")
    ] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Approve a version for production; its model card goes into the package first."""
    _decide(version, "Approved", comment, local, as_json, anyway)


@verb('reject 3 --comment "no better than chance"')
def reject(version: Version = None, comment: Comment = "", local: Local = False, as_json: Json = False) -> None:
    """Reject a version."""
    _decide(version, "Rejected", comment, local, as_json)


def _what_follows(version: int, local: bool) -> str:
    """In AWS a rule sees an approval and has it deployed; on this machine whoever approves types the same verb."""
    verb = typed(f"deploy {version}", local)
    if local:
        return f"; {verb} puts it into production"
    return f"; the deployment stack puts it into production, or {verb} where there is none"


def _what_stays(connection: Connection, settings: Settings, package: Package) -> str:
    """A rejection keeps later deployments from a version; one that serves goes on serving."""
    from pipeline.releases import endpoints

    name = settings.endpoint_name
    if endpoints.package_of(connection.session, settings.model_package_group, name) != package["ModelPackageArn"]:
        return ""
    back, other = typed("rollback", connection.local), typed("deploy VERSION", connection.local)
    return f"; {name} goes on serving it until {back} or {other}"


def _figures(session: Session, package: Package) -> Evaluation | None:
    """None, and a sentence on stderr, where they are not to be found."""
    from cli import output
    from pipeline.errors import NotFoundError
    from pipeline.releases import registry

    try:
        return registry.figures_of(session, package)
    except NotFoundError as error:
        output.say(f"{registry.name(package)}: {error}")
        return None


def _beside(session: Session, package: Package, serving: Mapping[str, Any] | None) -> str:
    """How it stands to what production serves; empty where that serves nothing."""
    from pipeline.releases import succession

    if serving is not None and serving["ModelPackageArn"] == package["ModelPackageArn"]:
        return "it serves"
    comparison = succession.beside(session, package, serving)
    return comparison.words if comparison else ""


def _decide(
    version: int | None, decision: Decision, comment: str, local: bool, as_json: bool, anyway: bool = False
) -> None:
    from cli import output
    from pipeline.errors import RefusedError
    from pipeline.releases import registry, succession

    connection, settings = connected(local)
    session, group = connection.session, settings.model_package_group
    package = registry.waiting(session, group) if version is None else registry.find(session, group, version)
    approved = decision == "Approved"
    comparison = succession.beside_production(session, settings, package) if approved else None
    if comparison:
        output.say(comparison.sentence)
    if comparison and comparison.is_worse and not anyway:
        again = typed(f"approve {comparison.version} --anyway", local)
        raise RefusedError(f"{registry.name(package)} is worse than what production serves: {again} approves it still")
    registry.decide(session, package, decision, comment)
    number = package["ModelPackageVersion"]
    after = _what_follows(number, local) if approved else _what_stays(connection, settings, package)
    output.say(f"{registry.name(package)} is {decision}{after}")
    if as_json:
        output.show_json(registry.find(session, group, number))
    else:
        output.tell(package["ModelPackageArn"])
