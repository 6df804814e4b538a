"""The rest of the project uses localcloud as everybody can: by what its `__all__` names."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import localcloud

ROOT = Path(__file__).parents[2]


def python_files() -> list[Path]:
    """The project's own, without localcloud's."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if not name.startswith("localcloud/") and (ROOT / name).is_file()]


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
    uses = [(path, name) for path in python_files() for name in used(path.read_text())]
    assert uses
    assert [
        f"{path.relative_to(ROOT)}: {name}" for path, name in uses if name not in {*localcloud.__all__, "__all__"}
    ] == []


def test_a_deeper_import_is_found() -> None:
    source = "from localcloud.home import Home\nimport localcloud.store\nimport localcloud\nlocalcloud.cloud"
    assert sorted(used(source)) == ["cloud", "home.Home", "store"]


def test_the_face_has_what_it_names() -> None:
    assert all(hasattr(localcloud, name) for name in localcloud.__all__)
