"""The drawn sample as PrepareData takes it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from memotion.heads import Heads
from samples.data import write_sample
from tests.processing.data_folder import Job


def test_no_two_rows_of_the_sample_pass_for_the_same(
    tmp_path: Path, heads: Heads, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processing.job.explore", lambda *_: None)
    write_sample(tmp_path / "sample", 200, 0, heads)
    assert job.run(tmp_path / "sample") == 0
    captions = Counter(row["caption"] for row in job.lines("rows/rows.jsonl"))
    assert sum(captions.values()) - len(captions) <= 3
    assert job.counts()["rejected"] == 0
