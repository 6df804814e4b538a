"""Thumbnails: of the test rows, in the pictures' own proportions, bounded in size and number."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image

from processing.pictures import thumbnails
from processing.pictures.pictures import Picture
from tests.processing.data_folder import Data, Job, encoded, texture


@pytest.fixture(autouse=True)
def unexplored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exploration takes most of so small a job's time, and has tests of its own."""
    monkeypatch.setattr("processing.job.explore", lambda *_: None)


def test_each_test_row_has_a_thumbnail_in_its_own_proportions_and_no_other_has(job: Job, data: Data) -> None:
    rows = data.plain(60)
    for place, row in enumerate(rows):
        size = (1000 + place, 500) if place % 2 else (30, 60)
        data.picture(row["image_name"], encoded(texture(place, size), "PNG"))
    assert job.run(data.write(rows)) == 0
    tested = {row["key"]: row["image_name"] for row in job.lines("rows/rows.jsonl") if row["split"] == "test"}
    thumbnails = {
        path.removeprefix("thumbnails/"): content for path, content in job.files().items() if "thumbnails/" in path
    }
    assert thumbnails.keys() == {f"{key}.jpg" for key in tested}
    sources = {row["image_name"]: (1000 + place, 500) if place % 2 else (30, 60) for place, row in enumerate(rows)}
    for key, name in tested.items():
        width, height = Image.open(BytesIO(thumbnails[f"{key}.jpg"])).size
        wide, high = sources[name]
        assert max(width, height) == min(256, max(wide, high))
        assert width / height == pytest.approx(wide / high, rel=0.01)
    assert {sources[name][0] > 256 for name in tested.values()} == {True, False}


def test_of_more_than_are_kept_they_are_spread_evenly() -> None:
    pictures = [Picture(number, f"{number}.png", str(number)) for number in range(1203)]
    chosen = [picture.number for picture in thumbnails.spread(pictures, thumbnails.MOST)]
    assert len(chosen) == len(set(chosen)) == 500
    assert {later - earlier for earlier, later in pairwise(chosen)} == {2, 3}
    assert thumbnails.spread(pictures[:7], thumbnails.MOST) == pictures[:7]
