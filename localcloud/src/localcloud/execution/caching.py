"""The key of a step's result: what a cache hit has to have in common with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.algorithms import algorithm_of
from localcloud.definition.kinds import KINDS
from localcloud.definition.model import Step
from localcloud.frameworks.training import names_program
from localcloud.processes import SOURCE


def cache_key(pipeline: str, step: Step, request: Mapping[str, Any]) -> str | None:
    """The key of one step of one pipeline with these arguments, resolved; None where such steps have no cache.

    Only what the service compares is in it: where outputs go and on what instance the job runs is not, nor is any
    object's content. A hit therefore means the same URIs. A training's has the emulator's source too: an image's tag
    names one program in AWS, and here another one after each change of the emulator, with artifacts of other formats.
    """
    kind = KINDS.get(step.type)
    if kind is None or not kind.cache_key:
        return None
    compared: list[Any] = [pipeline, step.name, step.type, {member: request.get(member) for member in kind.cache_key}]
    if step.type == "Training":
        compared.append(_emulator(request))
    return hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()


def _emulator(request: Mapping[str, Any]) -> str | None:
    """The digest of what would train here; None where nothing can, which the job's creation says."""
    specification = request.get("AlgorithmSpecification")
    image = specification.get("TrainingImage") if isinstance(specification, dict) else None
    algorithm = algorithm_of(image, is_own=names_program(request))
    if algorithm is None:
        return None
    return _digest(SOURCE.joinpath(*algorithm.train.split(".")[:-1]))


def _digest(package: Path) -> str:
    """Of the names and the contents of a package's modules."""
    modules = sorted(package.rglob("*.py"))
    sources = [(path.relative_to(package).as_posix(), path.read_text()) for path in modules]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()
