"""A person's source folder: what `sagemaker_submit_directory` names, at /opt/ml/code; and what its requirements ask."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from localcloud.archives import ArchiveError, unpack
from localcloud.errors import JobFailed, ServiceError
from localcloud.jobs.filesystem.opt_ml import PREFIX, local_path
from localcloud.paths import UnsafePathError
from localcloud.s3 import parse_uri, path_of
from localcloud.state.home import Home

REQUIREMENTS = "requirements.txt"
_PROGRAM = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9._+/-]*")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(==\s*([^\s;,]+))?")


def place_source(home: Home, uri: str, ml: Path) -> Path:
    """Fill the `code` folder of a job or container whose /opt/ml is `ml`, and return it.

    `uri` names an archive in S3, or an archive or folder under /opt/ml. Raises JobFailed where it cannot be had.
    """
    code = ml / "code"
    code.mkdir(parents=True, exist_ok=True)
    source = _source(home, uri, ml)
    if source.is_dir():
        if source != code:
            shutil.copytree(source, code, dirs_exist_ok=True)
        return code
    if not source.is_file():
        raise JobFailed(f"ClientError: the source {uri} is not there; upload it, or correct sagemaker_submit_directory")
    try:
        unpack(source, code)
    except ArchiveError as error:
        raise JobFailed(f"ClientError: the source {uri}: {error}") from None
    return code


def _source(home: Home, uri: str, ml: Path) -> Path:
    if uri.startswith("s3://"):
        try:
            return path_of(home, *parse_uri(uri))
        except ServiceError as error:
            raise JobFailed(f"ClientError: the source {uri} cannot be read: {error.message}") from None
    with suppress(UnsafePathError):
        return local_path(ml, uri)
    raise JobFailed(f"ClientError: the source {uri} is neither an archive in S3 nor a path under {PREFIX}")


def check_program(code: Path, program: str) -> None:
    """Raises JobFailed for a program that is none of the folder's, or whose name the toolkit refuses."""
    if not _PROGRAM.fullmatch(program) or {".", ".."} & set(program.split("/")):
        raise JobFailed(
            f"ClientError: the program {program!r} is no relative path of letters, digits and . _ + - /; rename it"
        )
    if not (code / program).is_file() and not (code / "setup.py").is_file():  # which a module may come of
        names = ", ".join(sorted(path.name for path in code.iterdir())[:20]) or "nothing"
        raise JobFailed(f"ClientError: the source has no {program}; it has {names}")


def unmet_requirements(code: Path) -> Iterator[str]:
    """Say, a line each, what requirements.txt asks for and this environment has not, or has in another version."""
    file = code / REQUIREMENTS
    for line in file.read_text(errors="replace").splitlines() if file.is_file() else ():
        match = _NAME.match(line)
        if match is None:
            continue
        name, pinned = match[1], match[3]
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield f"{REQUIREMENTS} asks for {line.strip()}, which this environment has not"
            continue
        if pinned not in {None, version}:
            yield f"{REQUIREMENTS} asks for {line.strip()}; this environment has {version}"
