"""The containers that a model's record names, and their artifacts on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud import algorithms
from localcloud.algorithms import Algorithm
from localcloud.archives import ArchiveError, unpack
from localcloud.cloud import Cloud
from localcloud.errors import ServiceError, ValidationException
from localcloud.frameworks.training import PROGRAM_VARIABLE
from localcloud.paths import UnsafePathError, path_inside
from localcloud.s3 import parse_uri, path_of
from localcloud.s3.files import list_files
from localcloud.state.home import Home


class ModelDataError(Exception):
    """An artifact that is missing, or that cannot or must not be unpacked."""


@dataclass(frozen=True)
class ContainerDefinition:
    """`hostname` is empty for the only container of a model, which need not have one. `role` is the model's."""

    image: str
    hostname: str = ""
    model_data: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    role: str = ""

    @property
    def algorithm(self) -> Algorithm | None:
        """The built-in algorithm that serves; None where a program of one's own does."""
        return algorithms.algorithm_of(self.image, is_own=PROGRAM_VARIABLE in self.environment)

    @classmethod
    def of(cls, container: Mapping[str, Any], role: str = "") -> ContainerDefinition:
        """Read a container of CreateModel or of a model package. Raises ValidationException without an image."""
        source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
        image = container.get("Image")
        if not image:
            raise ValidationException(f"the container {container.get('ContainerHostname', '')!r} names no Image")
        algorithms.check_emulated_or_own(image)
        return cls(
            image,
            container.get("ContainerHostname", ""),
            container.get("ModelDataUrl") or source.get("S3Uri"),
            container.get("Environment") or {},
            role,
        )


def containers_of(cloud: Cloud, model: str) -> list[ContainerDefinition]:
    """In the order of the record. Raises ValidationException for a model, package or image that is not there."""
    record = cloud.store.find("Model", model)
    if record is None:
        raise ValidationException(f'Could not find model "{cloud.arn("sagemaker", f"model/{model}")}".')
    containers = record.body.get("Containers") or [record.body.get("PrimaryContainer") or {}]
    role = record.body.get("ExecutionRoleArn", "")
    return [ContainerDefinition.of(entry, role) for container in containers for entry in _expanded(cloud, container)]


def is_direct(cloud: Cloud, model: str) -> bool:
    """Whether an invocation names one of the model's containers."""
    configuration = cloud.store.get("Model", model).body.get("InferenceExecutionConfig") or {}
    return configuration.get("Mode") == "Direct"


def _expanded(cloud: Cloud, container: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The containers of the package, where a container names one in place of an image."""
    package = container.get("ModelPackageName")
    if package is None:
        return [container]
    record = cloud.store.find("ModelPackage", package)
    if record is None:
        raise ValidationException(f"the model package {package!r} does not exist")
    return list(record.body["InferenceSpecification"]["Containers"])


def place_model(home: Home, uri: str, folder: Path) -> None:
    """Put what a ModelDataUrl names into a folder: an archive unpacked, a prefix copied. Raises ModelDataError."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        bucket, key = parse_uri(uri)
        archive = path_of(home, bucket, key) if key and not key.endswith("/") else None
        if archive is not None and archive.is_file():
            _unpack(archive, folder)
            return
        prefix = key.rstrip("/") + "/" if key else ""
        objects = [(name, path) for name, path in list_files(home, bucket, prefix) if not name.endswith("/")]
    except ServiceError as error:
        raise ModelDataError(f"the model data {uri} cannot be read: {error.message}") from None
    if not objects:
        raise ModelDataError(f"there is no model data at {uri}")
    for name, source in objects:
        try:
            target = path_inside(folder, name.removeprefix(prefix))
        except UnsafePathError as error:
            raise ModelDataError(f"the model data {uri} cannot be placed: its key {error}") from None
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        unpack(archive, folder)
    except ArchiveError as error:
        raise ModelDataError(str(error)) from None
