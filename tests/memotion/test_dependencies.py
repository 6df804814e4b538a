"""A job's requirements: nothing is started where all is there, pip is asked for what is not, failures are sentences."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from memotion.dependencies import DependencyError, install_missing


def test_nothing_is_started_where_everything_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(subprocess, "run", refuse)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"# what this job needs\nnumpy=={version('numpy')}\n\npillow=={version('pillow')}  # pictures\n"
    )
    install_missing(requirements)


@pytest.mark.parametrize(
    "line", ["numpy", "numpy>=2", "-r other.txt", "--index-url=https://example.com", "https://example.com/a.whl"]
)
def test_a_line_that_pins_nothing_is_refused(tmp_path: Path, line: str) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(line + "\n")
    with pytest.raises(DependencyError, match="NAME==VERSION"):
        install_missing(requirements)


def test_what_cannot_be_installed_is_named_with_pips_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"numpy=={version('numpy')}\nno-such-package-of-ours==1.0\n")
    with pytest.raises(
        DependencyError, match=r"^no-such-package-of-ours==1\.0 of requirements\.txt .*installed: ERROR"
    ):
        install_missing(requirements)


def test_pip_is_asked_for_what_is_missing_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def install(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.setattr(subprocess, "run", install)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"tiny-sample==1.2\nnumpy=={version('numpy')}\n")
    install_missing(requirements)
    assert [[part for part in command if "==" in part] for command in commands] == [["tiny-sample==1.2"]]
