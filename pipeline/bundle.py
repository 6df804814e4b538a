"""A job's code as plain files, content-addressed: the same contents have the same URI, and nothing else counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from memotion.heads import heads_path

ROOT = Path(__file__).parent.parent

# The modules of memotion/ that each job imports, directly or through one another.
MEMOTION_MODULES = {
    "processing": ("__init__", "dependencies", "heads", "picture", "text"),
    "evaluation": (
        "__init__",
        "baselines",
        "bootstrap",
        "calibration",
        "dependencies",
        "ensemble",
        "heads",
        "metrics",
        "predictions",
        "text",
        "tuning",
    ),
}
# What a job's own package may be made of; anything else in its folder is not part of the job.
PACKAGE_SUFFIXES = frozenset({".py", ".txt", ".html", ".css", ".js", ".json", ".toml", ".j2"})


@dataclass(frozen=True)
class Bundle:
    """The files of one step's job: `files` maps a path under `uri` (which ends in a slash) to its contents."""

    step: str
    uri: str
    files: Mapping[str, bytes]


def job_bundle(step: str, package: str, bucket: str) -> Bundle:
    """`package` (its requirements.txt in it), the memotion modules that it imports, and the heads that are in force."""
    files = dict(sorted(_job_files(package)))
    return Bundle(step, f"s3://{bucket}/code/{step}/{content_hash(files)}/", files)


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, whatever their order: no path outside the bundle, no time, no mode."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{len(name.encode())} {name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _job_files(package: str) -> Iterator[tuple[str, bytes]]:
    yield "heads.toml", heads_path().read_bytes()
    for module in MEMOTION_MODULES[package]:
        yield f"memotion/{module}.py", (ROOT / "memotion" / f"{module}.py").read_bytes()
    for path in (ROOT / package).rglob("*"):
        if path.suffix in PACKAGE_SUFFIXES and path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()
