"""Heads, data to prepare, and the job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from memotion.heads import Heads
from tests.processing.data_folder import CONFIGURATION, Data, Job


@pytest.fixture
def new_job(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Job]:
    def make() -> Job:
        job = Job(tmp_path_factory.mktemp("ml"))
        job.configuration.parent.mkdir()
        job.configuration.write_text(json.dumps(CONFIGURATION))
        return job

    return make


@pytest.fixture
def job(new_job: Callable[[], Job]) -> Job:
    return new_job()


@pytest.fixture
def data(tmp_path: Path, heads: Heads) -> Data:
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    return Data(folder, heads)
