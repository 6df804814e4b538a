"""Killed in the middle: nothing that looks finished is left, and the next run does not mind what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processing.data_folder import Data, Job, encoded, texture


@pytest.fixture
def long_work(data: Data) -> Path:
    """Pictures that take some seconds."""
    large = encoded(texture(0, (2400, 1800)), "JPEG", quality=95)
    rows = [data.row(f"{place}.jpg", f"caption number {place}", place) for place in range(150)]
    for row in rows:
        data.picture(row["image_name"], large)
    return data.write(rows)


def test_a_kill_in_the_middle_leaves_nothing_that_looks_finished(long_work: Path, data: Data, job: Job) -> None:
    command = [sys.executable, "-m", "processing", *job.arguments(long_work, "--image-size", "600")]
    running = subprocess.Popen(
        command, cwd=Path(__file__).resolve().parents[2], stdout=subprocess.DEVNULL, start_new_session=True
    )
    standardised = job.output / "unfinished"
    while not list(standardised.glob("*.jpg")):
        assert running.poll() is None
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    left = job.files()
    assert not [path for path in left if not path.startswith("unfinished/")]

    data.write(data.plain(12))
    assert job.run(data.folder) == 0
    assert "preparation.json" in job.files()
    assert not standardised.exists()
