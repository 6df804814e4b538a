"""The verbs of executions: start one, watch it, understand it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import INTERRUPTED, Execution, Json, Local, Wait, connected, typed, verb

if TYPE_CHECKING:
    from boto3 import Session

    from pipeline.account.session import Connection
    from pipeline.executions.starting.start import Plan


@verb("start --data memes/ -p ImageEpochs=10 --wait")
def start(
    data: Annotated[str | None, typer.Option(help="A directory or archive to upload, or s3://BUCKET/PREFIX.")] = None,
    parameter: Annotated[list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="May be repeated.")] = None,
    steps: Annotated[
        str | None, typer.Option(metavar="NAME,NAME", help="Only these, over what a former execution made.")
    ] = None,
    name: Annotated[str, typer.Option(help='What to call it, as in "stacked, 8 epochs".')] = "",
    wait: Wait = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Start an execution; the data of the newest one is used again where none is given."""
    from cli import output
    from pipeline.executions.starting import overrides
    from pipeline.executions.starting import start as starting

    connection, settings = connected(local)
    request = starting.Request(data, overrides.parse(parameter or ()), connection.parameters, _chosen(steps), name)
    plan = starting.plan(connection.session, settings, request)
    _announce(plan, local)
    with output.progress("uploading", len(plan.files.files) if plan.files else 0) as arrived:
        arn = starting.start(connection.session, plan, settings.bucket, arrived)
    _started(connection, arn, wait, as_json)


@verb("executions")
def executions(
    count: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """List the executions, newest first, with their data, figures and how long each took."""
    from cli import output, tables
    from pipeline.executions import executions as control
    from pipeline.executions.results import overview

    connection, settings = connected(local)
    summaries = control.newest(connection.session, settings.pipeline_name, count)
    if as_json:
        output.show_json(summaries)
    else:
        output.show(tables.executions(summaries, overview.overviews(connection.session, summaries)))


@verb("status")
def status(execution: Execution = None, local: Local = False, as_json: Json = False) -> None:
    """Show the steps of an execution, and its figures beside chance once it has some."""
    from cli import output, tables
    from pipeline.executions import executions as control

    session, arn = _named(local, execution)
    state = control.status(session, arn)
    if as_json:
        output.show_json(state)
        return
    output.tell(f"{control.identifier(arn)}: {tables.state(state)}")
    output.show(tables.steps(state["PipelineExecutionSteps"]))
    _show_verdict(session, state)


@verb("logs TrainImageClassifier")
def logs(
    step: Annotated[str, typer.Argument(help="The name of a step.")],
    execution: Execution = None,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Print the log of a step."""
    from cli import output
    from pipeline.executions import executions as control
    from pipeline.executions import logs as cloudwatch

    session, arn = _named(local, execution)
    events = cloudwatch.of_step(session, control.steps(session, arn), step)
    if as_json:
        output.show_json(list(events))
        return
    for event in events:
        output.tell(event["message"].rstrip("\n"))


@verb("why")
def why(execution: Execution = None, local: Local = False, as_json: Json = False) -> None:
    """Say why an execution failed: the step, its reason, the lines of its log that matter."""
    from cli import output, tables
    from pipeline.executions.failure_report import why as explain

    session, arn = _named(local, execution)
    explanation = explain(session, arn)
    output.show_json(explanation.to_json()) if as_json else output.show(tables.explanation(explanation))


@verb("stop")
def stop(execution: Execution = None, local: Local = False, as_json: Json = False) -> None:
    """Stop an execution that is running."""
    from cli import output
    from pipeline.executions import executions as control

    session, arn = _named(local, execution)
    control.stop(session, arn)
    output.say(f"stopping; {typed(f'retry {control.identifier(arn)}', local)} goes on later")
    _show_arn(arn, as_json)


@verb("retry --wait")
def retry(execution: Execution = None, wait: Wait = False, local: Local = False, as_json: Json = False) -> None:
    """Go on with an execution from the step that failed or was stopped."""
    from pipeline.executions import executions as control

    connection, settings = connected(local)
    arn = control.find(connection.session, settings.pipeline_name, execution)
    control.retry(connection.session, arn)
    _started(connection, arn, wait, as_json)


@verb("report --open")
def report(
    execution: Execution = None,
    browse: Annotated[bool, typer.Option("--open", help="Open the HTML report in the browser.")] = False,
    predictions: Annotated[bool, typer.Option(help="JSON lines: the test set's predictions, one a meme.")] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Show the figures of an execution's evaluation beside their baselines."""
    from cli import output, tables
    from pipeline.executions.results import report as figures
    from pipeline.executions.results import report_page as opened

    session, arn = _named(local, execution)
    if browse:
        output.say(f"report: {output.open_page(opened.page(session, arn))}")
    elif predictions:
        for line in figures.predictions(session, arn):
            output.show_json_line(line)
    else:
        evaluation = figures.evaluation(session, arn)
        output.show_json(evaluation) if as_json else output.show(tables.evaluation(evaluation))


def _named(local: bool, execution: str | None) -> tuple[Any, str]:
    from pipeline.executions import executions as control

    connection, settings = connected(local)
    return connection.session, control.find(connection.session, settings.pipeline_name, execution)


def _chosen(steps: str | None) -> list[str]:
    """Raises UsageError where --steps names none: all would run."""
    from pipeline.errors import UsageError

    chosen = [step.strip() for step in (steps or "").split(",") if step.strip()]
    if steps is not None and not chosen:
        raise UsageError("--steps names no step: name some, or leave it out to run all")
    return chosen


def _announce(plan: Plan, local: bool) -> None:
    """What will be asked for, before anything is."""
    from cli import output
    from pipeline.executions.starting import cost

    for note in plan.notes:
        output.say(note)
    for name, value in plan.parameters.items():
        output.say(f"  {name} = {value}")
    for line in () if local else cost.lines(plan.definition, plan.parameters, plan.steps):
        output.say(f"  {line}")


def _started(connection: Connection, arn: str, wait: bool, as_json: bool) -> None:
    from cli import output
    from pipeline.executions import executions as control

    name = control.identifier(arn)
    if wait:
        output.say(f"execution {name} is running; Ctrl-C leaves it running")
        _follow(connection, arn, as_json)
    else:
        output.say(f"execution {name} is running; {typed(f'status {name}', connection.local)} shows it")
        _show_arn(arn, as_json)


def _follow(connection: Connection, arn: str, as_json: bool) -> None:
    """Watch it to its end, then say how it ended and why; exit code 1 unless it succeeded."""
    from cli import output, progress, tables
    from pipeline.executions import watch
    from pipeline.executions.failure_report import why as explain

    try:
        with progress.screen(output.console(error=True)) as show:
            state = watch.watch(connection.session, arn, show, output.say)
    except KeyboardInterrupt:
        output.say(f"\nthe execution goes on; {typed(f'stop {arn}', connection.local)} ends it")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        output.show_json(state)
    else:
        output.tell(f"{arn}: {state['PipelineExecutionStatus']}")
        _show_verdict(connection.session, state)
    if state["PipelineExecutionStatus"] != "Succeeded":
        output.console(error=True).print(tables.explanation(explain(connection.session, arn)))
        raise typer.Exit(1)


def _show_verdict(session: Session, state: dict[str, Any]) -> None:
    from cli import output
    from pipeline.errors import NotFoundError
    from pipeline.executions.results import report as figures

    done = {step["StepName"] for step in state["PipelineExecutionSteps"] if step["StepStatus"] == "Succeeded"}
    if figures.STEP not in done:
        return
    try:
        output.tell(figures.verdict(figures.evaluation(session, state["PipelineExecutionArn"])))
    except NotFoundError as error:
        output.say(str(error))


def _show_arn(arn: str, as_json: bool) -> None:
    from cli import output

    output.show_json({"PipelineExecutionArn": arn}) if as_json else output.tell(arn)
