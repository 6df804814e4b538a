"""Streams that are closed, or that know ASCII alone, end no verb."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MEMOTION_HOME": str(folder / "home"), "PYTHON": sys.executable, **variables}
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_a_closed_stdout_ends_no_verb(tmp_path: Path) -> None:
    done = shell('"$PYTHON" pipeline.py packages --local >&-', tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_stream_cannot_encode_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "Größe").mkdir()
    done = shell(
        f'"$PYTHON" pipeline.py sample-data "{tmp_path}/Größe/memes" --rows 1 --json',
        tmp_path,
        PYTHONIOENCODING="ascii",
    )
    assert done.returncode == 0, done.stderr
    assert r"Gr\xf6\xdfe/memes" in done.stdout
