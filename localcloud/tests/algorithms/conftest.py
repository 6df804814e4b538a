from __future__ import annotations

from pathlib import Path

import pytest

from localcloud_tests.training_folder import IMAGE, Job, coloured


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "job")


@pytest.fixture
def image_job(job: Job) -> Job:
    """32 pictures of 28 pixels to train on and 16 to validate on, five classes in two heads: a training of seconds."""
    job.hyperparameters(**IMAGE)
    job.pictures("train", *coloured(32, 28, 1), ShuffleConfig={"Seed": 7})
    job.pictures("validation", *coloured(16, 28, 2))
    return job
