"""The rest of the project uses localcloud as everybody can: by what its `__all__` names."""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import localcloud

ROOT = Path(__file__).parents[2]


def sources() -> Iterator[tuple[str, str]]:
    """The project's own modules and its notebooks' cells, without localcloud's: the file's name and the code."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.ipynb"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for name in listed:
        if name.startswith("localcloud/") or not (ROOT / name).is_file():
            continue
        text = (ROOT / name).read_text()
        yield name, code_cells(text) if name.endswith(".ipynb") else text


def code_cells(notebook: str) -> str:
    """The code of a notebook, without the lines that are commands of a shell."""
    lines = ["".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
    return "\n".join(line for cell in lines for line in cell.splitlines() if not line.lstrip().startswith(("!", "%")))


def used(source: str) -> Iterator[str]:
    """What a module uses of localcloud: `session`, or with its submodule, `home.Home`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "localcloud":
            place = (node.module or "").removeprefix("localcloud").lstrip(".")
            yield from (f"{place}.{alias.name}".lstrip(".") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("localcloud.") for alias in node.names if "localcloud." in alias.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "localcloud":
            yield node.attr


def test_nobody_outside_localcloud_uses_more_than_its_face() -> None:
    uses = [(name, use) for name, source in sources() for use in used(source)]
    face = {*localcloud.__all__, "__all__"}
    assert uses
    assert [f"{name}: {use}" for name, use in uses if use not in face] == []


def test_a_deeper_import_is_found() -> None:
    source = "from localcloud.home import Home\nimport localcloud.store\nimport localcloud\nlocalcloud.cloud"
    assert sorted(used(source)) == ["cloud", "home.Home", "store"]


def test_the_face_has_what_it_names() -> None:
    assert all(hasattr(localcloud, name) for name in localcloud.__all__)
