from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.containers.container_definition import ModelDataError, place_model
from localcloud.s3 import put_bytes
from localcloud.state.home import Home


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    return folder


def test_an_uncompressed_model_is_a_prefix(tmp_path: Path, target: Path) -> None:
    home = Home(tmp_path / "home")
    folder = home.buckets / "bucket" / "job" / "output" / "model"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"1")
    place_model(home, "s3://bucket/job/output/model/", target)
    assert (target / "model.bin").read_bytes() == b"1"


def test_a_model_that_is_not_there_is_a_sentence(tmp_path: Path, target: Path) -> None:
    home = Home(tmp_path / "home")
    (home.buckets / "bucket").mkdir(parents=True)
    with pytest.raises(ModelDataError, match=r"no model data at s3://bucket/none\.tar\.gz"):
        place_model(home, "s3://bucket/none.tar.gz", target)
    with pytest.raises(ModelDataError, match="does not exist"):
        place_model(home, "s3://other-bucket/none.tar.gz", target)


@pytest.mark.parametrize("key", ["job//abs/path", "job/../outside", "job/a/./b"])
def test_a_key_that_would_leave_the_models_folder_is_a_sentence(tmp_path: Path, target: Path, key: str) -> None:
    home = Home(tmp_path / "home")
    (home.buckets / "bucket").mkdir(parents=True)
    put_bytes(home, "bucket", key, b"x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ModelDataError, match="would leave its folder"):
        place_model(home, "s3://bucket/job/", target)
    assert sorted(tmp_path.rglob("*")) == before
