"""The job from folders to a folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memotion.ensemble import METHODS, Combiner
from memotion.heads import Heads
from pipeline.definition.bundle import job_bundle
from tests.evaluation.job_input import JobInput, draw_input

FILES = {"evaluation.json", "predictions.jsonl", "ensemble.json", "model_card.json", "statistics.json", "report.html"}


def test_it_leaves_exactly_the_documented_files(job: JobInput) -> None:
    assert job.run() == 0
    assert {path.name for path in job.output.iterdir()} == FILES


@pytest.mark.parametrize("method", METHODS)
def test_two_runs_leave_the_same_bytes(job: JobInput, method: str) -> None:
    assert job.run(method) == 0
    first = {path.name: path.read_bytes() for path in job.output.iterdir()}
    for path in job.output.iterdir():
        path.unlink()
    assert job.run(method) == 0
    assert {path.name: path.read_bytes() for path in job.output.iterdir()} == first


def test_the_predictions_are_the_test_memes_as_both_containers_answered(job: JobInput) -> None:
    assert job.run() == 0
    predictions = job.predictions()
    rows = [row for row in job.rows if row["split"] == "test"]
    assert [line["image_name"] for line in predictions] == [row["image_name"] for row in rows]
    for line, row in zip(predictions, rows, strict=True):
        assert list(line) == ["image_name", "caption", "labels", "image", "text", "ensemble"]
        assert (line["caption"], line["labels"]) == (row["caption"], row["labels"])
    assert sum(line["image"][0] for line in predictions) != pytest.approx(
        sum(line["ensemble"][0] for line in predictions)
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_written_combiner_gives_the_written_ensemble(job: JobInput, method: str, memotion_heads: Heads) -> None:
    assert job.run(method) == 0
    combiner = Combiner.from_json((job.output / "ensemble.json").read_bytes())
    assert (combiner.method, combiner.image_size) == (method, 28)
    for line in job.predictions():
        [again] = combiner.combine({name: np.array([line[name]]) for name in ("image", "text")})
        np.testing.assert_allclose(again, line["ensemble"], atol=1e-12)
        for columns in memotion_heads.slices.values():
            assert sum(line["ensemble"][columns]) == pytest.approx(1, abs=1e-12)


def test_what_is_tuned_never_sees_the_test_memes(job: JobInput) -> None:
    combiners = {}
    for method in ("weighted", "stacked"):
        assert job.run(method) == 0
        combiners[method] = (job.output / "ensemble.json").read_bytes()
    generator = np.random.default_rng(5)
    for row in job.rows:
        if row["split"] == "test":
            row["labels"] = [
                int(generator.integers(c.start, c.stop))
                for c in Combiner.from_json(combiners["weighted"]).slices.values()
            ]
    job.write_rows()
    for method, before in combiners.items():
        assert job.run(method) == 0
        assert (job.output / "ensemble.json").read_bytes() == before


def test_all_four_methods_stand_side_by_side_and_the_named_one_is_the_ensemble(job: JobInput) -> None:
    side_by_side: list[dict[str, Any]] = []
    for method in METHODS:
        assert job.run(method) == 0
        figures = job.json()
        assert figures["method"]["name"] == method
        named = figures["methods"][method]
        assert figures["ensemble"]["macro_f1"] == named["macro_f1"]
        assert figures["ensemble"]["macro_f1_ci95"] == named["macro_f1_ci95"]
        side_by_side.append(figures["methods"])
    assert all(methods == side_by_side[0] for methods in side_by_side)


def test_an_ensemble_of_two_models_that_know_different_heads_beats_both(job: JobInput) -> None:
    assert job.run("weighted") == 0
    figures = job.json()
    assert figures["lift_over_image_ci95"][0] > 0
    assert figures["lift_over_text_ci95"][0] > 0
    assert figures["lift_over_constant_ci95"][0] > 0
    assert figures["better_than_chance"] is True


def test_other_heads_without_views_have_neither_comparison_nor_leak_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, two_heads: Heads
) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text((tmp_path / "two-heads.toml").read_text("utf-8").split("[views")[0], encoding="utf-8")
    monkeypatch.setenv("MEMOTION_HEADS", str(plain))
    job = draw_input(tmp_path / "input", two_heads, 200, skill=1.0)
    assert job.run() == 0
    figures = job.json()
    assert figures["views"] == {}
    assert not any("leak" in warning for warning in figures["warnings"])
    assert "published" not in (job.output / "report.html").read_text(encoding="utf-8")


def test_the_bundled_code_is_all_that_a_job_needs_and_it_is_quick(job: JobInput, tmp_path: Path) -> None:
    code = tmp_path / "code"
    for name, content in job_bundle("EvaluateEnsemble", "evaluation", "bucket").files.items():
        path = code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {name: value for name, value in os.environ.items() if name != "MEMOTION_HEADS"}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "evaluation", *job.arguments()],
        env=environment | {"PYTHONPATH": str(code)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Carries information: AUC ")
    assert time.monotonic() - began < 4
    assert {path.name for path in job.output.iterdir()} == FILES


def test_it_imports_none_of_the_heavy_packages(job: JobInput) -> None:
    script = (
        "import sys; from evaluation.__main__ import main; main(sys.argv[1:]); "
        "print([name for name in ('pandas', 'sklearn', 'scipy', 'matplotlib', 'boto3', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, *job.arguments()], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
