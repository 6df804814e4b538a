"""The definition's verbs: show it, check it, draw it, send it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import Json, Local, connected, typed, verb

if TYPE_CHECKING:
    from pipeline.definition.settings import Settings


@verb("definition > definition.json")
def definition() -> None:
    """Print the compiled definition: the same bytes every time, with no account and no network."""
    from pipeline.definition.compile import compile_pipeline
    from pipeline.definition.settings import load_settings

    typer.echo(compile_pipeline(load_settings()).definition, nl=False)


@verb("validate")
def validate(
    file: Annotated[Path | None, typer.Argument(help="A definition; the compiled one where none is given.")] = None,
    as_json: Json = False,
) -> None:
    """Check a definition against the service's own model, offline; exit code 1 with any finding."""
    from cli import output, tables
    from pipeline.definition.compile import compile_pipeline
    from pipeline.definition.conventions import findings
    from pipeline.definition.settings import load_settings

    problems = findings(file.read_bytes() if file else compile_pipeline(load_settings()).definition)
    if as_json:
        output.show_json([{"step": each.step, "field": each.field, "message": each.message} for each in problems])
    elif problems:
        output.show(tables.findings(problems))
    else:
        output.say("no findings")
    if problems:
        raise typer.Exit(1)


@verb("graph --format svg > graph.svg")
def graph(
    form: Annotated[str, typer.Option("--format", help="mermaid or svg")] = "mermaid",
    execution: Annotated[str | None, typer.Option(help="With the statuses of this execution.")] = None,
    local: Local = False,
) -> None:
    """Draw the steps and what they wait for, with the statuses of an execution where one is named."""
    from cli import output
    from pipeline.definition.graph import mermaid, svg
    from pipeline.errors import UsageError

    forms = {"mermaid": mermaid, "svg": svg}
    if form not in forms:
        raise UsageError(f"--format is mermaid or svg: {form!r} is not")
    drawn, statuses = _compiled() if execution is None else _executed(local, execution)
    output.tell(forms[form](drawn, statuses).rstrip("\n"))


@verb("upsert")
def upsert(local: Local = False, as_json: Json = False) -> None:
    """Create or update the pipeline, once its definition has no findings; does nothing where nothing changed."""
    from cli import output
    from pipeline.definition.compile import compile_pipeline
    from pipeline.definition.upsert import upsert as send

    connection, settings = connected(local)
    compiled = compile_pipeline(settings)
    _refuse_findings(compiled.definition)
    connection.make_bucket()
    done = send(connection.session, settings, compiled.definition, compiled.bundles)
    for change in done.changes:
        output.say(f"  {change}")
    if settings.kms_key_arn and settings.image_training_volume_key is None:
        output.say(f"  {_without_a_key(settings)}")
    output.say(f"pipeline {settings.pipeline_name} {done.action}; {typed('start', local)} runs it")
    if as_json:
        output.show_json({"PipelineArn": done.arn, "Action": done.action, "Changes": list(done.changes)})
    else:
        output.tell(done.arn)


def _without_a_key(settings: Settings) -> str:
    from localcloud import has_local_disks

    own = ", ".join(filter(has_local_disks, settings.image_training_instance_types))
    return (
        f"TrainImageClassifier's volume gets no key: {own} of MEMOTION_IMAGE_TRAINING_INSTANCE_TYPES have disks of "
        "their own, which encrypt themselves and for which the service refuses a key"
    )


def _compiled() -> tuple[str, dict[str, str] | None]:
    from pipeline.definition.compile import compile_pipeline
    from pipeline.definition.settings import load_settings

    return compile_pipeline(load_settings()).definition, None


def _executed(local: bool, name: str) -> tuple[str, dict[str, str] | None]:
    from pipeline.executions import executions

    connection, settings = connected(local)
    arn = executions.find(connection.session, settings.pipeline_name, name)
    steps = executions.steps(connection.session, arn)
    return executions.definition(connection.session, arn), {step["StepName"]: step["StepStatus"] for step in steps}


def _refuse_findings(compiled: str) -> None:
    from pipeline.definition.conventions import findings
    from pipeline.errors import RefusedError

    problems = findings(compiled)
    if problems:
        lines = "".join(f"\n  {each.step}: {each.field}: {each.message}" for each in problems)
        raise RefusedError(f"the definition has {len(problems)} findings, nothing was sent:{lines}")
