"""The form that starts an execution: a field a parameter of the live definition, with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from localcloud import Parameter, read
from memotion.layout import INPUT_PARAMETER
from pipeline.definition import live
from pipeline.definition.parameters import PipelineParameter, pipeline_parameters
from pipeline.errors import ParameterError
from pipeline.executions import executions
from pipeline.executions.starting import overrides, start
from studio.models.execution_list import defaults
from studio.web.app_state import AppState
from studio.web.forms import Form

PREFIX = "p:"
STEP = "step:"


@dataclass(frozen=True)
class Field:
    """One parameter: what it means and may be, what it is now, and what is wrong with that."""

    name: str
    type: str
    description: str
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    usual: str
    value: str
    problem: str = ""


@dataclass(frozen=True)
class StartForm:
    """`data` is a directory or an S3 URI, empty for what the newest execution was given; `name` what to call it."""

    fields: tuple[Field, ...]
    steps: tuple[str, ...]
    chosen: frozenset[str]
    data: str
    has_data: bool
    name: str = ""

    @property
    def problems(self) -> int:
        return sum(bool(each.problem) for each in self.fields)


def blank(app_state: AppState, source: str | None) -> StartForm:
    """As it is shown first: with the usual values, or those of the execution with the ARN `source`."""
    parameters = executions.parameters(app_state.session, source) if source else {}
    return _form(app_state, parameters, parameters.get(INPUT_PARAMETER, ""), frozenset(), is_sent=False)


def filled(app_state: AppState, form: Form) -> StartForm:
    """As a person filled it in."""
    values = {
        name.removeprefix(PREFIX): value.strip() for name, value in form.fields.items() if name.startswith(PREFIX)
    }
    steps = frozenset(name.removeprefix(STEP) for name in form.fields if name.startswith(STEP))
    return replace(_form(app_state, values, form.text("data"), steps, is_sent=True), name=form.text("name").strip())


def begin(app_state: AppState, form: StartForm) -> str:
    """Check the rest, upload what is missing, start; the ARN. Raises what `start` raises."""
    parameters = {each.name: each.value for each in form.fields if each.value != each.usual}
    chosen = [step for step in form.steps if step in form.chosen]
    request = start.Request(form.data or None, parameters, app_state.usual, chosen, form.name)
    plan = start.plan(app_state.session, app_state.settings, request)
    return start.start(app_state.session, plan, app_state.settings.bucket)


def _form(
    app_state: AppState, values: Mapping[str, str], data: str, chosen: frozenset[str], *, is_sent: bool
) -> StartForm:
    """What the definition says by itself is right; what it leaves to the person is wrong only once it `is_sent`."""
    definition = live.describe_pipeline(app_state.session, app_state.settings.pipeline_name)["PipelineDefinition"]
    usual = {**defaults(definition), **app_state.usual}
    own = {each.name: each for each in pipeline_parameters(app_state.settings)}
    parsed = read(definition)
    declared = parsed.parameters
    fields = tuple(
        _field(definition, each, own.get(name), usual.get(name), values.get(name, usual.get(name, "")), is_sent)
        for name, each in declared.items()
        if name != INPUT_PARAMETER
    )
    steps = tuple(parsed.steps)
    return StartForm(fields, steps, chosen, data, INPUT_PARAMETER in declared)


def _field(
    definition: str,
    declared: Parameter,
    own: PipelineParameter | None,
    usual: str | None,
    value: str,
    is_sent: bool,
) -> Field:
    choices = declared.choices or tuple(map(str, own.allowed if own else ()))
    description = own.description if own else ""
    bounds = (own.minimum, own.maximum) if own else (None, None)
    name = declared.name
    is_checked = value != usual and (bool(value) or is_sent)
    problem = _problem(definition, name, value, own) if is_checked else ""
    return Field(name, declared.type, description, choices, *bounds, usual or "", value, problem)


def _problem(definition: str, name: str, value: str, own: PipelineParameter | None) -> str:
    try:
        overrides.check(definition, {name: value}, [own] if own else [])
    except ParameterError as error:
        return str(error)
    return ""
