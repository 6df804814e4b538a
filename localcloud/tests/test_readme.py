"""The README's example runs, with what a base install has and nothing else, and prints what it should."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import localcloud

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()

# Imported by every process of the example in which it lies on the path: what a base install has not is not there.
SITE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"a base install has no {{name}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def base_install() -> set[str]:
    """The distributions that localcloud's own dependencies bring with them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed, waiting = set(), [re.match(r"[\w.-]+", each)[0] for each in project["dependencies"]]  # type: ignore[index]
    while waiting:
        name = waiting.pop()
        if name not in installed:
            installed.add(name)
            needs = [need for need in requires(name) or () if "extra ==" not in need]
            waiting.extend(re.match(r"[\w.-]+", need)[0] for need in needs)  # type: ignore[index]
    return installed | {"localcloud"}


def test_the_example_runs_on_a_base_install(tmp_path: Path) -> None:
    installed = {name.replace("_", "-").lower() for name in base_install()}
    blocked = {
        module
        for module, owners in packages_distributions().items()
        if not {owner.replace("_", "-").lower() for owner in owners} & installed
    }
    assert {"torch", "numpy", "moto"} <= blocked
    (tmp_path / "sitecustomize.py").write_text(SITE.format(blocked=blocked))
    path = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    environment = {**os.environ, "LOCALCLOUD_HOME": str(tmp_path / "home"), "PYTHONPATH": path}
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    process = subprocess.run(
        [sys.executable, "-c", example], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    finding, step, words = process.stdout.splitlines()
    assert finding.startswith("step 'Count': Arguments.ProcessingResources.ClusterConfig.Instances: ")
    assert (step, words) == ("Count Succeeded", "7 words")


def test_the_readme_names_what_the_face_has() -> None:
    names = set(re.findall(r"localcloud\.([a-z]\w+)", README)) - {"session"}
    assert names <= set(localcloud.__all__) | {"__all__"}
