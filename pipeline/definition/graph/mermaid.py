"""The graph as a Mermaid flowchart, which GitHub and most editors draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.definition.graph.nodes import Node, drawing
from pipeline.definition.graph.statuses import LOOKS, css_class, look

SHAPES = {"Condition": ('{"', '"}'), "Fail": ('(["', '"])')}
BOX = ('["', '"]')


def mermaid(definition: str, statuses: Mapping[str, str] | None = None) -> str:
    """`statuses` by the step's name, as ListPipelineExecutionSteps spells them; without them none is shown."""
    return "\n".join(_lines(definition, statuses)) + "\n"


def _lines(definition: str, statuses: Mapping[str, str] | None) -> Iterator[str]:
    drawn = drawing(definition, statuses)
    yield "flowchart TD"
    for node in drawn.nodes:
        yield f"    {_node(node)}"
    for edge in drawn.edges:
        label = f"|{edge.label}|" if edge.label else ""
        yield f"    {edge.before} -->{label} {edge.after}"
    if statuses is not None:
        for status, each in LOOKS.items():
            yield f"    classDef {css_class(status)} fill:{each.fill},stroke:{each.stroke},color:#18181b"


def _node(node: Node) -> str:
    opening, closing = SHAPES.get(node.type, BOX)
    status_line, style = "", ""
    if node.status is not None:
        status_line, style = f"<br/>{look(node.status).sign} {node.status}", f":::{css_class(node.status)}"
    return f"{node.name}{opening}{node.name}<br/>{node.type}{status_line}{closing}{style}"
