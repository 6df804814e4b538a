"""Where everything stands: layers from top to bottom, as few crossings as Sugiyama's method finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise

from pipeline.definition.graph.nodes import Drawing, Edge

Point = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """The middle of each node, the points that each edge passes from node to node, and the size of it all."""

    nodes: Mapping[str, Point]
    edges: Mapping[Edge, tuple[Point, ...]]
    width: float
    height: float


def lay_out(drawn: Drawing, *, across: float, down: float) -> Layout:
    """`across` from one node's middle to the next in a layer, `down` from layer to layer."""
    import igraph

    layers = _layers(drawn)
    routes = {edge: tuple(_route(edge, layers)) for edge in drawn.edges}
    names = list(dict.fromkeys([*layers, *(name for route in routes.values() for name in route)]))
    index = {name: position for position, name in enumerate(names)}
    graph = igraph.Graph(
        n=len(names),
        edges=[(index[a], index[b]) for route in routes.values() for a, b in pairwise(route)],
        directed=True,
    )
    sugiyama = graph.layout_sugiyama(layers=[_layer(name, layers) for name in names], hgap=across, vgap=down)
    return _placed(drawn, routes, dict(zip(names, sugiyama.coords, strict=True)), across, down)


def _placed(
    drawn: Drawing,
    routes: Mapping[Edge, tuple[str, ...]],
    coordinates: Mapping[str, list[float]],
    across: float,
    down: float,
) -> Layout:
    """Moved so that half a gap is left on every side."""
    left, top = min(x for x, _ in coordinates.values()), min(y for _, y in coordinates.values())
    points = {name: (x - left + across / 2, y - top + down / 2) for name, (x, y) in coordinates.items()}
    return Layout(
        nodes={node.name: points[node.name] for node in drawn.nodes},
        edges={edge: tuple(points[name] for name in route) for edge, route in routes.items()},
        width=max(x for x, _ in points.values()) + across / 2,
        height=max(y for _, y in points.values()) + down / 2,
    )


def _layers(drawn: Drawing) -> dict[str, int]:
    """Each step a layer below the last that it waits for."""
    waits: dict[str, list[str]] = {node.name: [] for node in drawn.nodes}
    for edge in drawn.edges:
        waits[edge.after].append(edge.before)
    layers: dict[str, int] = {}
    for name in TopologicalSorter(waits).static_order():
        layers[name] = max((layers[before] + 1 for before in waits[name]), default=0)
    return {node.name: layers[node.name] for node in drawn.nodes}


def _route(edge: Edge, layers: Mapping[str, int]) -> Iterator[str]:
    """The edge's ends, and between them a place in each layer that it passes, so that nothing is drawn over it."""
    yield edge.before
    for layer in range(layers[edge.before] + 1, layers[edge.after]):
        yield f"{layer}:{edge.before}→{edge.after}"
    yield edge.after


def _layer(name: str, layers: Mapping[str, int]) -> int:
    return layers[name] if name in layers else int(name.partition(":")[0])
