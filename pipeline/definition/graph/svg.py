"""The graph as SVG: for the eye, for a screen reader (roles of WAI-ARIA's graphics module), for a page that updates it.

Every step is a `<g id="step-NAME" data-status="…">`, or an `<a>` of the same where it leads to a page of its own; its
class alone makes its colour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pipeline.definition.graph.layout import Layout, Point, lay_out
from pipeline.definition.graph.nodes import Drawing, Edge, Node, drawing
from pipeline.definition.graph.statuses import LOOKS, css_class, look

WIDTH, HEIGHT = 208, 56
ACROSS, DOWN = 236, 104
SYMBOL = 'role="graphics-symbol" tabindex="0"'
STYLE = """
.pipeline-graph { font-family: system-ui, sans-serif; font-size: 12px; }
.pipeline-graph text { text-anchor: middle; fill: #18181b; }
.pipeline-graph .name { font-size: 14px; font-weight: 600; }
.pipeline-graph .edge { fill: none; stroke: #71717a; stroke-width: 1.5; }
.pipeline-graph .arrow { fill: #71717a; }
.pipeline-graph .edge-label { fill: #3f3f46; }
.pipeline-graph .right { text-anchor: start; }
.pipeline-graph .left { text-anchor: end; }
.pipeline-graph .step rect { stroke-width: 1.5; }
.pipeline-graph .step:focus-visible rect { stroke-width: 4; }
.pipeline-graph a { text-decoration: none; }
.pipeline-graph a:hover .name { text-decoration: underline; }
"""
DARK = """
.pipeline-graph text { fill: #fafafa; }
.pipeline-graph .edge { stroke: #a1a1aa; }
.pipeline-graph .arrow { fill: #a1a1aa; }
.pipeline-graph .edge-label { fill: #d4d4d8; }
"""


def svg(
    definition: str,
    statuses: Mapping[str, str] | None = None,
    *,
    notes: Mapping[str, str] | None = None,
    pages: str = "",
) -> str:
    """`statuses` by the step's name, as ListPipelineExecutionSteps spells them; without them none is shown.

    `notes` are a few words a step that stand after its status. With `pages` it is for a web page that links to
    `stylesheet`: each step leads to the path of that beginning which ends in its name.
    """
    drawn = drawing(definition, statuses)
    return "\n".join(_lines(drawn, lay_out(drawn, across=ACROSS, down=DOWN), notes or {}, pages)) + "\n"


def stylesheet() -> str:
    """How the drawing looks, on light and on dark ground."""
    return f"{STYLE}{_colours()}@media (prefers-color-scheme: dark) {{{DARK}{_dark_colours()}}}"


def _lines(drawn: Drawing, layout: Layout, notes: Mapping[str, str], pages: str) -> Iterator[str]:
    width, height = f"{layout.width:g}", f"{layout.height:g}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pipeline-graph" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="graphics-document" aria-roledescription="pipeline graph" '
        'aria-labelledby="graph-title graph-description">'
    )
    yield '<title id="graph-title">The steps of the pipeline</title>'
    yield f'<desc id="graph-description">{escape(_description(drawn))}</desc>'
    if not pages:
        yield f"<style>{stylesheet()}</style>"
    yield (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="5" markerHeight="5" orient="auto">'
        '<path class="arrow" d="M0 0 L8 4 L0 8 z"/></marker></defs>'
    )
    yield '<g aria-hidden="true">'
    yield from (_edge(edge, layout.edges[edge]) for edge in drawn.edges)
    yield "</g>"
    for node in drawn.nodes:
        yield _node(node, notes.get(node.name, ""), drawn.after(node.name), layout.nodes[node.name], pages)
    yield "</svg>"


def _description(drawn: Drawing) -> str:
    counts = Counter(node.status.lower() for node in drawn.nodes if node.status is not None)
    status_counts = "".join(f", {count} {status}" for status, count in counts.items())
    return f"{len(drawn.nodes)} steps{status_counts}. They stand from top to bottom in the order in which they run."


def _node(node: Node, note: str, after: tuple[str, ...], middle: Point, pages: str) -> str:
    x, y = middle
    tag, role = ("a", f"href={quoteattr(pages + quote(node.name, safe=''))}") if pages else ("g", SYMBOL)
    name, status = escape(node.name), node.status or ""
    label = ", ".join(part for part in (node.name, node.type, status, note, _then(after)) if part)
    words = f"{look(status).sign} {status}" if status else ""
    words = " · ".join(part for part in ((words, note) if note else (node.type, words)) if part)
    return (
        f'<{tag} id={quoteattr(f"step-{node.name}")} class="step {css_class(status)}" data-step={quoteattr(node.name)} '
        f"data-status={quoteattr(status)} {role} aria-label={quoteattr(label)}><title>{escape(label)}</title>"
        f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text class="name" x="{x:g}" y="{y - 5:g}">{name}</text>'
        f'<text class="status" x="{x:g}" y="{y + 15:g}">{escape(words)}</text></{tag}>'
    )


def _then(after: tuple[str, ...]) -> str:
    return f"then {' and '.join(after)}" if after else ""


def _edge(edge: Edge, route: tuple[Point, ...]) -> str:
    (x, y), (end_x, end_y) = route[0], route[-1]
    points = [(x, y + HEIGHT / 2), *route[1:-1], (end_x, end_y - HEIGHT / 2)]
    path = f'<path class="edge" d="{_curve(points)}" marker-end="url(#arrow)"/>'
    if not edge.label:
        return path
    off, side = (8, "right") if end_x >= x else (-8, "left")  # of the curve
    place = f'x="{end_x + off:g}" y="{end_y - HEIGHT / 2 - 10:g}"'
    return f'{path}<text class="edge-label {side}" {place}>{escape(edge.label)}</text>'


def _curve(points: list[Point]) -> str:
    """Down out of one point and down into the next."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x, y), (next_x, next_y) in pairwise(points):
        bend = (y + next_y) / 2
        path += f" C{x:g} {bend:g} {next_x:g} {bend:g} {next_x:g} {next_y:g}"
    return path


def _colours() -> str:
    return "".join(
        f".pipeline-graph .{css_class(status)} rect {{ fill: {each.fill}; stroke: {each.stroke}; }}\n"
        for status, each in LOOKS.items()
    )


def _dark_colours() -> str:
    return "".join(
        f".pipeline-graph .{css_class(status)} rect {{ fill: {each.dark_fill}; }}\n" for status, each in LOOKS.items()
    )
