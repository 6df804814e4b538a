from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.end_to_end.project import Project, checkout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("project")
    project = Project(checkout(folder / "checkout"), folder / "home")
    yield project
    shutil.rmtree(project.home, ignore_errors=True)  # its endpoints end when their home is gone
