"""The verbs of releases: into production, back, and the end of everything that costs money."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import INTERRUPTED, Json, Local, connected, typed, verb

if TYPE_CHECKING:
    from pipeline.account.check import Check
    from pipeline.account.destroy import Resource
    from pipeline.definition.settings import Settings
    from pipeline.releases.deployment import Release


@verb("deploy 3")
def deploy(
    version: Annotated[int | None, typer.Argument(help="The newest approved one where none is given.")] = None,
    instance_type: Annotated[str | None, typer.Option(help="Of an endpoint that is created now.")] = None,
    instances: Annotated[int, typer.Option(min=1, help="Of an endpoint that is created now; two allow a canary.")] = 1,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Put an approved version into production: traffic shifts, alarms watch, all containers are asked; else back."""
    from cli import output
    from pipeline.releases import deployment
    from pipeline.releases.production import Capacity, usual_instance

    connection, settings = connected(local)
    capacity = Capacity(instance_type or usual_instance(settings), instances)
    with _left_running("deploy", local):
        release = deployment.deploy(connection.session, settings, version, capacity, output.say)
    _show(release, as_json)


@verb('rollback --comment "sarcasm got worse"')
def rollback(
    comment: Annotated[str, typer.Option(help="Why; it is recorded with the version that is left.")] = "",
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Return production to the version before; the one that is left becomes Rejected."""
    from cli import output
    from pipeline.releases import deployment

    connection, settings = connected(local)
    with _left_running("rollback", local):
        release = deployment.rollback(connection.session, settings, comment, output.say)
    _show(release, as_json)


@verb("destroy")
def destroy(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the project's name.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="The registry and the bucket with all data, too.")] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List what costs money, then delete it: endpoints, models, the pipeline; with --all everything."""
    from cli import output
    from pipeline.account import destroy as control

    connection, settings = connected(local)
    resources = control.resources(connection.session, settings, everything)
    for resource in resources:
        output.say(f"  {resource.kind} {resource.name}")
    if resources:
        _confirm(settings, yes)
        resources = control.delete(connection.session, settings, resources, everything, output.say)
    else:
        output.say("nothing is left that costs money")
    if everything:
        connection.sweep()
    elif staying := [f"{each.kind} {each.name}" for each in control.staying(connection.session, settings)]:
        output.say(f"still there: {' and '.join(staying)}; {typed('destroy --all', local)} deletes that too")
    if as_json:
        output.show_json([_described(resource) for resource in resources])


@verb("doctor --probe")
def doctor(
    parameter: Annotated[
        list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="As `start` will be given it; may be repeated.")
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also ask whether one model takes the images: makes one and deletes it.")
    ] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Check what a first run needs: credentials, bucket, role and quotas; with --local packages, disk and browser."""
    from cli import output, tables

    results = _of_machine(parameter, probe) if local else _of_account(parameter, probe)
    output.show_json([check.to_json() for check in results]) if as_json else output.show(tables.checks(results))
    if any(check.verdict == "wrong" for check in results):
        raise typer.Exit(1)


def _of_machine(parameter: list[str] | None, probe: bool) -> list[Check]:
    from pipeline.account import doctor
    from pipeline.account.session import local_home
    from pipeline.errors import UsageError

    if probe or parameter:
        raise UsageError("--probe and -p are questions to an account: leave --local out")
    return list(doctor.machine(local_home()))


def _of_account(parameter: list[str] | None, probe: bool) -> list[Check]:
    from pipeline.account import doctor
    from pipeline.account.probe import probe as ask
    from pipeline.executions.starting import overrides

    connection, settings = connected(local=False)
    results = list(doctor.account(connection.session, settings, overrides.parse(parameter or ())))
    return [*results, ask(connection.session, settings)] if probe else results


@contextmanager
def _left_running(verb: str, local: bool) -> Iterator[None]:
    """Whoever interrupts the wait is told that the endpoint goes on changing."""
    from cli import output

    try:
        yield
    except KeyboardInterrupt:
        shows, again = typed("endpoints", local), typed(verb, local)
        output.say(f"\nwhat the endpoint was asked goes on; {shows} shows it, {again} once more does what is left")
        raise typer.Exit(INTERRUPTED) from None


def _confirm(settings: Settings, yes: bool) -> None:
    from cli import output
    from pipeline.errors import RefusedError

    if yes:
        return
    output.say("Type the project's name to delete all of this:")
    if sys.stdin.readline().strip() != settings.pipeline_name:
        raise RefusedError(f"that is not {settings.pipeline_name!r}: nothing was deleted")


def _described(resource: Resource) -> dict[str, str]:
    return {"Kind": resource.kind, "Name": resource.name}


def _show(release: Release, as_json: bool) -> None:
    from cli import output

    answer = {
        "EndpointName": release.endpoint,
        "EndpointConfigName": release.config,
        "ModelPackageArn": release.package,
        "PreviousEndpointConfigName": release.previous,
        "BesideFormerVersion": release.beside,
    }
    output.show_json(answer) if as_json else output.tell(f"{release.endpoint}: {release.config}")
