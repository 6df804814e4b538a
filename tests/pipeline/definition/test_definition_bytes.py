"""The definition is the same bytes wherever it is compiled, and compiling leaves nothing behind and goes nowhere."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from pipeline.definition.compile import CompiledPipeline, compile_pipeline

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from pipeline.definition.compile import compile_pipeline as c; sys.stdout.write(c().definition)"
SOURCES = ("pipeline", "memotion", "processing", "evaluation", "heads.toml", "models.toml", "models", "settings.toml")


def _environment(**variables: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**inherited, **variables}


def _compile(root: Path, folder: Path, **variables: str) -> str:
    program = f"import sys; sys.path.insert(0, {str(root)!r}); {PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=_environment(**variables), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _clone(target: Path) -> Path:
    target.mkdir(parents=True)
    for name in reversed(SOURCES):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target / name)
    return target


def test_a_clone_in_a_process_with_other_hashes_folder_and_account_compiles_the_same_bytes(
    compiled: CompiledPipeline, tmp_path: Path
) -> None:
    clone = _clone(tmp_path / "somewhere" / "else")
    variables = {
        "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") == "4711" else "4711",
        "AWS_PROFILE": "somebody",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://localhost:1",
        "TZ": "Asia/Tokyo",
    }
    assert _compile(clone, tmp_path, **variables) == compiled.definition


@pytest.mark.skipif(shutil.which("git") is None, reason="without git nobody clones")
def test_a_clone_that_would_rather_have_other_line_ends_has_the_same_bytes(tmp_path: Path) -> None:
    def git(*arguments: str, folder: Path) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.hooksPath=/dev/null")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    for name in (".gitattributes", "heads.toml"):
        shutil.copy(ROOT / name, one / name)
    git("init", folder=one)
    git("add", ".", folder=one)
    git("commit", "--message", "Begin", folder=one)
    git("clone", "-c", "core.autocrlf=true", str(one), str(other), folder=tmp_path)
    assert (other / "heads.toml").read_bytes() == (ROOT / "heads.toml").read_bytes()


def test_compiling_twice_in_one_process_gives_the_same_bytes_and_opens_no_socket(
    compiled: CompiledPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert compile_pipeline() == compiled


def test_the_callers_environment_and_session_are_what_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-callers-own")
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", sentinel := object())
    before = dict(os.environ)
    compile_pipeline()
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is sentinel


def test_nothing_of_this_machine_or_moment_stands_in_the_definition(compiled: CompiledPipeline) -> None:
    for trace in (str(ROOT), str(Path.home()), os.uname().nodename, "compiling", "20" + "26-"):
        assert trace not in compiled.definition


def test_a_control_plane_call_does_not_import_the_sdk() -> None:
    program = (
        "import sys; import pipeline.definition.settings, pipeline.account.session, pipeline.definition.parameters, "
        "pipeline.definition.bundle, "
        "pipeline.definition.compile, pipeline.definition.conventions, pipeline.definition.graph; "
        "sys.exit(any(name.split('.')[0] in {'sagemaker', 'torch', 'igraph'} for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
