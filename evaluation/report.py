"""report.html: the evaluation on one self-contained page, for the people who decide."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from evaluation.mistakes import Misjudged

TEMPLATES = Path(__file__).parent
TEMPLATE = "report.html.j2"
STYLE = TEMPLATES / "report.css"
# So many colours of their own have the models, in their order; more begin again.
COLOURS = 5
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page needs of a browser: it is one file with its style and its pictures in it, and runs nothing."""


def render_report(
    metrics: dict[str, Any], settings: dict[str, Any], wrong: Sequence[Misjudged], pictures: Sequence[Path]
) -> str:
    """Return the page for an evaluation.json's content.

    `settings` are shown by name as what the job was given; `pictures` are folders of `KEY.jpg`, from the first of which
    that has it each picture is put into the page. One that is in none is said to be missing.
    """
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            metrics=metrics,
            settings=settings,
            opinions={"ensemble": metrics["ensemble"], **metrics["models"]},
            above_models=[(name, f"the {name} model") for name in metrics["models"]],
            kinds=kinds(metrics["models"]),
            style=STYLE.read_text(encoding="utf-8"),
            wrong=[(each, _picture(pictures, each.row.key)) for each in wrong],
            cells=sorted({(mistake.place, *mistake.cell) for each in wrong for mistake in each.mistakes}),
        )
    )


def environment() -> Environment:
    """Return what renders the report's templates."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= FILTERS
    return made


def kinds(models: Iterable[str]) -> dict[str, str]:
    """Return the style of each opinion's marks, by its name: `ensemble`, `model-1`, `model-2` and so on.

    >>> kinds(["image", "text"])
    {'ensemble': 'ensemble', 'image': 'model-1', 'text': 'model-2'}
    """
    return {"ensemble": "ensemble", **{name: f"model-{place % COLOURS + 1}" for place, name in enumerate(models)}}


def _picture(folders: Sequence[Path], key: str) -> str | None:
    path = next((folder / f"{key}.jpg" for folder in folders if (folder / f"{key}.jpg").is_file()), None)
    if path is None:
        return None
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def _figure(value: float) -> str:
    return f"{value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _percent(value: float) -> str:
    return f"{value:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def _breakable(name: str) -> Markup:
    """A class's name that may break after an underscore, and nowhere else."""
    return Markup("_<wbr>").join(escape(part) for part in name.split("_"))


def _place(value: float) -> str:
    """A number in [0, 1] as a coordinate along an axis."""
    return f"{100 * value:.2f}"


def _position(names: Sequence[str], name: str) -> int:
    return list(names).index(name)


FILTERS = {
    "position": _position,
    "figure": _figure,
    "percent": _percent,
    "signed": _signed,
    "place": _place,
    "breakable": _breakable,
    "kinds": kinds,
}
"""How the templates write numbers, for whatever else shows them."""
