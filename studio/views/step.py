"""One step of an execution: what went in and came out, where it came from, and its log as it is written."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline import definition, executions, logs
from studio import provenance
from studio.answering import part
from studio.errors import BadRequestError
from studio.following import Look
from studio.pages import page
from studio.resources import described
from studio.sentences import EXPECTED, sentence
from studio.site import Site
from studio.snapshot import definition_of
from studio.views.execution import arn_of

# Of a longer log the end is shown; the whole of it is what the verb `logs` prints.
MOST_LINES = 1000
PAUSE = 1.0
ENDED = ("Succeeded", "Failed", "Stopped")
Step = Mapping[str, Any]


def show(site: Site, request: Request) -> Response:
    arn, name = arn_of(site, request), request.path_params["name"]
    defined = next((each for each in definition.steps(json.loads(definition_of(site, arn))) if each.name == name), None)
    if defined is None:
        raise BadRequestError("The execution has no such step.", 404)
    found = part(lambda: _step(site, arn, name))
    resource = part(lambda: described(site.session, found.value or {}))
    parameters = part(lambda: executions.parameters(site.session, arn))
    values = provenance.values(defined.arguments, resource.value or {}, parameters.value or {})
    log = part(lambda: _lines(site, found.value, {}))
    return page(
        site,
        "step",
        execution=executions.identifier(arn),
        defined=defined,
        found=found,
        resource=resource,
        parameters=parameters.value or {},
        values=values,
        log=log,
    )


def news(site: Site, request: Request) -> tuple[str, Callable[[], Look]]:
    """The log as it grows, each time whole (its end, of a long one): what comes late or twice does no harm."""
    tail = _Tail(site, arn_of(site, request), request.path_params["name"])
    return f"{tail.arn} {tail.name}", tail.look


@dataclass
class _Tail:
    """The end of a step's log, read on from where it was read to."""

    site: Site
    arn: str
    name: str
    places: dict[str, str] = field(default_factory=dict)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    quiet: bool = False

    def look(self) -> Look:
        """Ends once the step has ended and nothing more came in another look."""
        try:
            step = _step(self.site, self.arn, self.name)
            fresh = _lines(self.site, step, self.places)
        except EXPECTED as error:
            return Look({"problem": sentence(error)}, 10 * PAUSE)
        self.lines.extend(fresh)
        ended = step is not None and step["StepStatus"] in ENDED
        pause = None if ended and self.quiet and not fresh else PAUSE
        self.quiet = ended and not fresh
        return Look({"problem": "", "log": "\n".join(self.lines)}, pause)


def _step(site: Site, arn: str, name: str) -> Step | None:
    return next((step for step in executions.steps(site.session, arn) if step["StepName"] == name), None)


def _lines(site: Site, step: Step | None, places: dict[str, str]) -> list[str]:
    place = logs.where(step) if step else None
    return list(deque(_messages(site, place, places), maxlen=MOST_LINES)) if place else []


def _messages(site: Site, place: tuple[str, str], places: dict[str, str]) -> Iterator[str]:
    return (str(event["message"]).rstrip("\n") for event in logs.events(site.session, *place, places))
