from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud_tests.small_cloud import LocalCloud
from localcloud_tests.tiny_models import tiny_models


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def cloud(tmp_path: Path, artifacts: dict[str, bytes]) -> Iterator[LocalCloud]:
    made = LocalCloud(tmp_path / "home", artifacts)
    yield made
    made.close()
