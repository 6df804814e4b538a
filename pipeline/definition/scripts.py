"""A folder of one's own with train.py, inference.py and requirements.txt, as the source of a training in script mode.

What the training image runs is models/entry.py: train.py of the folder, and then what serves goes into the artefact.
"""

from __future__ import annotations

import ast
import gzip
import json
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

from memotion.heads import heads_path
from memotion.opinions import Opinion
from pipeline.definition.bundle import ROOT, Bundle, content_hash
from pipeline.errors import CompileError

TRAINING_PROGRAM, SERVING_PROGRAM, REQUIREMENTS = "train.py", "inference.py", "requirements.txt"
ENTRY_PROGRAM = "entry.py"
ARCHIVE = "sourcedir.tar.gz"
# The functions that the serving image calls: the model's, and either one for the whole answer or its parts.
LOADS, ANSWERS = "model_fn", ("transform_fn", "predict_fn")
_ADDED = (ENTRY_PROGRAM, "heads.toml")


def script_bundle(opinion: Opinion, bucket: str) -> Bundle:
    """Return the source archive of an opinion's script, under a URI that its contents alone decide.

    Raises CompileError, naming file and line, for a folder that could not be trained or served.
    """
    assert opinion.script is not None
    folder = ROOT / opinion.script
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _files(folder)}
    _check(opinion, files)
    files[ENTRY_PROGRAM] = (ROOT / "models" / ENTRY_PROGRAM).read_bytes()
    files["heads.toml"] = heads_path().read_bytes()
    uri = f"s3://{bucket}/code/{opinion.training_step}/{content_hash(files)}/"
    return Bundle(opinion.training_step, uri, {ARCHIVE: archive(files)})


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a gzipped tar of files by name, in the order of their names and without times or owners."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def hyperparameters_hash(hyperparameters: Mapping[str, str]) -> str:
    """Return a name for a script's own hyperparameters, the same for the same ones."""
    return content_hash({"hyperparameters": json.dumps(dict(hyperparameters), sort_keys=True).encode()})[:12]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
            yield path


def _check(opinion: Opinion, files: Mapping[str, bytes]) -> None:
    where = f"models.toml: [models.{opinion.hostname}]: the folder {opinion.script}"
    if not files:
        raise CompileError(f"{where} is not there, or empty: it needs {TRAINING_PROGRAM} and {SERVING_PROGRAM}")
    for name in (TRAINING_PROGRAM, SERVING_PROGRAM, REQUIREMENTS):
        if name not in files:
            empty = "; it may be empty" if name == REQUIREMENTS else ""
            raise CompileError(f"{where} has no {name}: docs/own-model.md says what stands in it{empty}")
    for name in _ADDED:
        if name in files:
            raise CompileError(f"{where} has {name}, which the pipeline puts there itself: call yours otherwise")
    for name, content in files.items():
        if name.endswith(".py"):
            _check_python(f"{opinion.script}/{name}", content)
    _check_serving(f"{opinion.script}/{SERVING_PROGRAM}", files[SERVING_PROGRAM])
    try:
        files[REQUIREMENTS].decode("utf-8")
    except UnicodeDecodeError:
        raise CompileError(f"{opinion.script}/{REQUIREMENTS} is not UTF-8 text") from None


def _check_python(name: str, content: bytes) -> None:
    try:
        ast.parse(content)
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise CompileError(f"{name}{line}: {reason}; the job could not start") from None


def _check_serving(name: str, content: bytes) -> None:
    """Whatever a program imports may bring its functions, so only one that defines or imports none is refused."""
    names = set(_names(ast.parse(content)))
    if "*" in names:
        return
    if LOADS not in names:
        raise CompileError(f"{name} has no {LOADS}(model_dir), which loads what {TRAINING_PROGRAM} left")
    if not names & set(ANSWERS):
        raise CompileError(f"{name} has neither {' nor '.join(ANSWERS)}, which answers a request: write one")


def _names(program: ast.Module) -> Iterator[str]:
    """The names that a program's top level binds."""
    for node in ast.walk(program):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
