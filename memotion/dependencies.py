"""What a job needs beyond its image: pinned in a requirements file that travels with the code."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PINNED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.+!-]+)")


class DependencyError(RuntimeError):
    """A requirements file that pins nothing, or a package that could not be installed."""


def install_missing(requirements: Path) -> None:
    """Install what `requirements` (lines `NAME==VERSION`) pins and this interpreter has not, or has otherwise.

    Where everything is there nothing is started. DependencyError names the line, or holds pip's last words.
    """
    missing = [line for line in _pins(requirements) if not _installed(line)]
    if not missing:
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *missing]
    outcome = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if outcome.returncode:
        last = (outcome.stdout.strip().splitlines() or ["pip said nothing"])[-1]
        raise DependencyError(f"{', '.join(missing)} of {requirements.name} could not be installed: {last}")
    importlib.invalidate_caches()


def _pins(requirements: Path) -> list[str]:
    lines = [line.split("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines()]
    for line in filter(None, lines):
        if not _PINNED.fullmatch(line):
            raise DependencyError(f"{requirements.name} holds {line!r}; a job's requirements are lines NAME==VERSION.")
    return [line for line in lines if line]


def _installed(pin: str) -> bool:
    name, _, pinned = pin.partition("==")
    try:
        return version(name) == pinned
    except PackageNotFoundError:
        return False
