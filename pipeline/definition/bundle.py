"""A job's code as plain files, content-addressed: the same contents have the same URI, and nothing else counts."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from memotion.heads import heads_path
from memotion.opinions import models_path
from pipeline.errors import CompileError

ROOT = Path(__file__).parents[2]
DOMAIN = "memotion"
OPINIONS = f"{DOMAIN}/opinions.py"
# What a job's own package may be made of; anything else in its folder, or hidden there, is not part of the job.
PACKAGE_SUFFIXES = frozenset({".py", ".txt", ".html", ".css", ".js", ".json", ".toml", ".j2"})


@dataclass(frozen=True)
class Bundle:
    """The files of one step's job: `files` maps a path under `uri` (which ends in a slash) to its contents."""

    step: str
    uri: str
    files: Mapping[str, bytes]


def job_bundle(step: str, package: str, bucket: str) -> Bundle:
    """`package` (its requirements.txt in it), the domain's modules that it imports, and the heads that are in force.

    The models file is among them where the package asks whose opinions there are.
    """
    sources = [*_package_files(package), *_domain_files(package)]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sources}
    files["heads.toml"] = heads_path().read_bytes()
    if OPINIONS in files:
        files["models.toml"] = models_path().read_bytes()
    return Bundle(step, f"s3://{bucket}/code/{step}/{content_hash(files)}/", dict(sorted(files.items())))


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, whatever their order: no path outside the bundle, no time, no mode."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{len(name.encode())} {name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _package_files(package: str) -> Iterator[Path]:
    for path in (ROOT / package).rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(ROOT).parts)
        if path.suffix in PACKAGE_SUFFIXES and path.is_file() and not is_hidden:
            yield path


def _domain_files(package: str) -> set[Path]:
    """The modules of memotion/ that the package imports, directly or through one another."""
    modules = {ROOT / DOMAIN / "__init__.py"}
    unread = [path for path in _package_files(package) if path.suffix == ".py"]
    while unread:
        imported = set(_domain_imports(unread.pop())) - modules
        modules |= imported
        unread.extend(imported)
    return modules


def _domain_imports(source: Path) -> Iterator[Path]:
    for node in ast.walk(_parsed(source)):
        if isinstance(node, ast.ImportFrom) and node.module == DOMAIN:
            names = [f"{DOMAIN}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
            if name.startswith(f"{DOMAIN}.") and path.is_file():
                yield path


def _parsed(source: Path) -> ast.Module:
    try:
        return ast.parse(source.read_bytes())
    except SyntaxError as error:
        raise CompileError(
            f"{source.relative_to(ROOT)}, line {error.lineno}: {error.msg}; the job could not start"
        ) from None
