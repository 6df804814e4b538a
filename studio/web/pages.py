"""Templates become pages. Whatever is put into one is escaped, but for the one drawing that escapes for itself."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

import evaluation
from evaluation.report import FILTERS
from pipeline.definition.graph.statuses import css_class, look
from pipeline.executions import executions, step_text
from pipeline.executions.results import report
from pipeline.releases.endpoints import version
from studio.web.app_state import AppState

TEMPLATES = Path(__file__).parents[1] / "templates"
# The report's macros draw intervals and confusion matrices here, too.
CHARTS = Path(evaluation.__file__).parent


def moment(time: datetime | None) -> str:
    """To the second, in the time zone of this machine."""
    return step_text.moment(time)


def plain(number: float) -> str:
    """Without zeros that say nothing."""
    return f"{number:g}"


def drawn(graph: str) -> Markup:
    """The pipeline's graph, an SVG in which pipeline.graph has escaped every name."""
    return Markup(graph)  # noqa: S704


# A status of anything as the graph shows a step's: what is good looks like success, what waits like what has begun.
LIKE = {"InService": "Succeeded", "Approved": "Succeeded", "Completed": "Succeeded", "Rejected": "Failed"}
LIKE |= {"CompletedWithFailures": "Failed", "OutOfService": "Failed", "PendingManualApproval": "Stopping"}
LIKE |= {"Creating": "Executing", "Updating": "Executing", "InProgress": "Executing", "RollingBack": "Stopping"}


def display(figures: report.Evaluation, head: str) -> list[str]:
    """The head's classes in the order in which people see them; one without an order has that of the ids."""
    labels: list[str] = list(figures["ensemble"]["heads"][head]["labels"])
    order = figures.get("display", {}).get(head, labels)
    return list(order) if sorted(order) == sorted(labels) else labels


def size_text(size: int) -> str:
    """A size for people: `832 B`, `1.4 MB`."""
    value, units = float(size), iter(("B", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while value >= 1000 and (larger := next(units, "")):
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def sign(status: str) -> str:
    """What says a status beside its colour."""
    return look(LIKE.get(status, status)).sign


def look_class(status: str) -> str:
    return css_class(LIKE.get(status, status))


ENVIRONMENT = Environment(
    loader=FileSystemLoader([TEMPLATES, CHARTS]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters |= FILTERS | {
    "moment": moment,
    "identifier": executions.identifier,
    "took": step_text.took,
    "note": step_text.note,
    "drawn": drawn,
    "plain": plain,
    "version": version,
    "sign": sign,
    "look_class": look_class,
    "display": display,
    "size_text": size_text,
}


def page(app_state: AppState, template: str, code: int = 200, **context: Any) -> HTMLResponse:
    """`template` without its ending; it is given `site` and the context. `code` is the answer's status.

    What is no character (half of a surrogate pair, which JSON can carry) is shown as a question mark.
    """
    return HTMLResponse(render(app_state, template, **context).encode(errors="replace"), code)


def render(app_state: AppState, template: str, **context: Any) -> str:
    return ENVIRONMENT.get_template(f"{template}.html.j2").render(app_state=app_state, **context)


def problem(app_state: AppState, sentence: str, status: int) -> HTMLResponse:
    """A page that says what went wrong."""
    return page(app_state, "problem", status, sentence=sentence)


def see(path: str) -> RedirectResponse:
    """Go on with another page; loading that one again repeats nothing."""
    return RedirectResponse(path, 303)
