"""What imports what in the package, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import localcloud

SOURCE = Path(localcloud.__file__).parent


def modules() -> dict[str, Path]:
    """The package's files by the names that they are imported by."""
    return {name_of(path): path for path in SOURCE.rglob("*.py")}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, modules_by_name: dict[str, Path]) -> Iterator[str]:
    """Every module of the package that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules_by_name)
        elif isinstance(node, ast.ImportFrom) and node.module in modules_by_name:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in modules_by_name else node.module


def test_no_two_files_import_one_another_directly_or_in_a_circle() -> None:
    modules_by_name = modules()
    graph = {name: set(imported(path, modules_by_name)) - {name} for name, path in modules_by_name.items()}
    assert sum(map(len, graph.values())) > len(graph)
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
