"""The project as its users drive it: a checkout of its own, a home of its own, and `python pipeline.py`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PARTS = (
    *("cli", "studio", "pipeline", "inference", "processing", "evaluation", "samples"),
    *("models", "memotion", "localcloud"),
)
FILES = ("pipeline.py", "heads.toml", "models.toml", "settings.toml")


@dataclass(frozen=True)
class Project:
    """A checkout and the home of its local cloud."""

    root: Path
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """One verb in a process of its own; fails the test where its exit code is another than `code`."""
        process = self.begin(*arguments)
        out, err = process.communicate()
        assert process.returncode == code, f"{arguments} ended with {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """One verb in a process of its own, which is not waited for."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MEMOTION_", "AWS_"))}
        environment = {**clean, "MEMOTION_HOME": str(self.home), "MEMOTION_LOCAL": "1", **self.environment}
        command = [sys.executable, "pipeline.py", *arguments]
        return subprocess.Popen(
            command, cwd=self.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def steps(self) -> dict[str, dict[str, Any]]:
        """The newest execution's, by name."""
        return {step["StepName"]: step for step in self.json("status")["PipelineExecutionSteps"]}

    def objects(self, pattern: str) -> list[Path]:
        return sorted((self.home / "buckets").glob(pattern))


def checkout(folder: Path) -> Path:
    """A copy of the product's own files, so that a test may change one."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder
