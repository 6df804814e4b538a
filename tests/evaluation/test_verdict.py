"""What the figures are called in words, and what the gate may read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from evaluation.errors import MetricError
from evaluation.gate import gate_text, require_gated_metrics
from evaluation.metrics import LabelledPredictions, evaluate
from memotion import baselines
from memotion.heads import Heads
from memotion.opinions import FIRST_TWO
from tests.evaluation.job_input import JobInput, draw_input, text_line


def _figures(
    heads: Heads, skill: float, memes: int, seed: int = 0, shuffled: bool = False, method: str = "average"
) -> dict[str, Any]:
    """The figures of `memes` test memes and as many validation memes, whose models know this much of them."""
    generator = np.random.default_rng(seed)
    sizes = [len(classes) for classes in heads.heads.values()]
    starts = np.cumsum([0, *sizes[:-1]])

    def answers() -> LabelledPredictions:
        labels = np.stack([generator.choice(size, memes, p=_shares(size)) for size in sizes], axis=1)
        image, text = (generator.dirichlet(np.ones(sum(sizes)), memes) for _ in range(2))
        for opinion in (image, text):
            rows = np.arange(memes)[:, None]
            opinion[rows, labels + starts] += skill * generator.random(labels.shape)
        said = {"image": image, "text": text}
        return LabelledPredictions(said, generator.permutation(labels) if shuffled else labels)

    training = np.stack([generator.choice(size, 8 * memes, p=_shares(size)) for size in sizes], axis=1)
    return evaluate(heads, FIRST_TWO, method, training, answers(), answers(), image_size=28, cleaner_version=1).metrics


def _shares(size: int) -> list[float]:
    weights = 1.0 / np.arange(1, size + 1)
    return (weights / weights.sum()).tolist()


def test_a_result_whose_interval_includes_chance_is_called_that(memotion_heads: Heads) -> None:
    figures = _figures(memotion_heads, skill=1.0, memes=60, shuffled=True)
    assert figures["lift_over_chance_ci95"][0] < 0 < figures["lift_over_chance_ci95"][1]
    assert figures["better_than_chance"] is False
    assert figures["verdict"].startswith("No information found: AUC 0.")
    assert "Decides no better than a guess: macro-F1 0." in figures["verdict"]
    assert "on 60 test memes" in figures["verdict"]


def test_a_result_above_chance_is_called_that(memotion_heads: Heads) -> None:
    figures = _figures(memotion_heads, skill=0.3, memes=200)
    assert figures["lift_over_chance_ci95"][0] > 0
    assert figures["better_than_chance"] is True
    assert figures["verdict"].startswith("Carries information: AUC 0.")
    assert "Decides better than a guess: " in figures["verdict"]


@pytest.mark.parametrize(("skill", "memes"), [(0.0, 60), (1.0, 60), (1.0, 1), (0.3, 2_000)])
def test_the_verdict_fits_into_a_packages_metadata(memotion_heads: Heads, skill: float, memes: int) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    rules = model.shape_for("CustomerMetadataValue").metadata
    verdict = _figures(memotion_heads, skill, memes)["verdict"]
    assert len(verdict) <= rules["max"] == 256
    # Python has no \\p{L}, \\p{Z}, \\p{N}: letters, spaces and digits.
    assert rules["pattern"].startswith(r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)")
    assert re.fullmatch(r"[A-Za-z0-9 _.:/=+\-@]*", verdict)


def test_over_twenty_seeds_shuffled_labels_pass_the_gate_at_most_once(memotion_heads: Heads) -> None:
    passes = sum(
        _figures(memotion_heads, skill=1.0, memes=60, seed=seed, shuffled=True)["lift_over_chance_ci95"][0] >= 0
        for seed in range(20)
    )
    assert passes <= 1


def _trained_on_shuffled_labels(heads: Heads, seed: int, memes: int = 60) -> dict[str, Any]:
    """The figures of two regressions, each on features of its own, that learnt labels in an order drawn at random."""
    generator = np.random.default_rng(seed)
    sizes = [len(classes) for classes in heads.heads.values()]
    labels = np.stack([generator.choice(size, 6 * memes, p=_shares(size)) for size in sizes], axis=1)
    learnt = generator.permutation(labels)
    opinions = []
    for _ in range(2):
        features = generator.normal(size=(len(labels), 8)) + labels @ generator.normal(size=(len(sizes), 8))
        fits = [
            LogisticRegression(C=1e-4).fit(features[: 4 * memes], learnt[: 4 * memes, h]) for h in range(len(sizes))
        ]
        opinions.append(np.concatenate([fit.predict_proba(features) for fit in fits], axis=1))
    training, *others = np.split(np.arange(len(labels)), [4 * memes, 5 * memes])
    validation, test = (
        LabelledPredictions({"image": opinions[0][rows], "text": opinions[1][rows]}, learnt[rows]) for rows in others
    )
    return evaluate(
        heads, FIRST_TWO, "average", learnt[training], validation, test, image_size=28, cleaner_version=1
    ).metrics


def test_models_that_learnt_shuffled_labels_carry_no_information(memotion_heads: Heads) -> None:
    figures = [_trained_on_shuffled_labels(memotion_heads, seed) for seed in range(10)]

    def includes(value: float, interval: str) -> int:
        return sum(low <= value <= high for each in figures for low, high in [each["ensemble"][interval]])

    assert includes(0.5, "macro_auc_ci95") >= 8
    assert includes(0.0, "skill_bits_ci95") >= 8
    assert sum(each["lift_over_chance_ci95"][0] >= 0 for each in figures) <= 1


def test_what_knows_nothing_is_told_to_look_at_its_labels(memotion_heads: Heads) -> None:
    figures = _figures(memotion_heads, skill=0.0, memes=100, seed=1)
    assert figures["carries_information"] is False
    assert figures["advice"][0].startswith("Look at the labels first: exploration.html")


def test_information_in_one_model_alone_is_told_to_be_weighed(tmp_path: Path, two_heads: Heads) -> None:
    job = draw_input(tmp_path / "input", two_heads, 400, skill=1.0)
    for row in job.rows:
        if row["split"] != "train":
            job.image(row["key"]).write_text("[0.5, 0.5, 0.5, 0.5, 0.5]", encoding="utf-8")
    assert job.run() == 0
    assert any(
        sentence.startswith("Information was found in text and not in image: EnsembleMethod=weighted")
        for sentence in job.json()["advice"]
    )
    assert job.json()["models"]["image"]["macro_auc"] == 0.5
    assert job.json()["models"]["image"]["class_tests"]["above_chance"] == 0
    assert job.run("weighted") == 0
    assert not any("EnsembleMethod" in sentence for sentence in job.json()["advice"])


def test_a_head_that_one_model_alone_knows_and_the_ensemble_does_not_is_named(tmp_path: Path, two_heads: Heads) -> None:
    job = draw_input(tmp_path / "input", two_heads, 400, skill=1.0)
    generator = np.random.default_rng(0)
    for row in job.rows:
        if row["split"] != "train":
            # The image model is sure of a mood at random, the text model hardly sure of the right one.
            sure = float(generator.random())
            right = row["labels"][1] - 3
            job.image(row["key"]).write_text(json.dumps([0.2, 0.2, 0.2, 1 - sure, sure]), encoding="utf-8")
            row["words"] = [0.2, 0.2, 0.2, *((0.201, 0.199) if right == 0 else (0.199, 0.201))]
    job.texts.write_text("".join(text_line(np.array(row.pop("words"))) for row in job.rows if "words" in row), "utf-8")
    assert job.run() == 0
    named = [sentence for sentence in job.json()["advice"] if sentence.startswith("What one model knows is lost")]
    assert len(named) == 1
    assert "mood (by the text model)" in named[0]


def test_a_head_of_one_class_cannot_be_ranked_and_leaves_the_mean(tmp_path: Path, two_heads: Heads) -> None:
    job = draw_input(tmp_path / "input", two_heads, 200, skill=0.5)
    for row in job.rows:
        if row["split"] == "test":
            row["labels"][1] = 3
    job.write_rows()
    assert job.run() == 0
    ensemble = job.json()["ensemble"]
    assert "macro_auc" not in ensemble["heads"]["mood"]
    assert ensemble["heads"]["mood"]["ranking"] == {}
    assert ensemble["macro_auc"] == ensemble["heads"]["topic"]["macro_auc"]
    assert ensemble["class_tests"]["classes"] == 3


def test_where_nothing_can_be_ranked_the_gated_auc_is_0_and_that_is_said(tmp_path: Path, two_heads: Heads) -> None:
    job = draw_input(tmp_path / "input", two_heads, 200, skill=0.5)
    for row in job.rows:
        if row["split"] == "test":
            row["labels"] = [0, 3]
    job.write_rows()
    assert job.run() == 0
    figures = job.json()
    assert (figures["ensemble"]["macro_auc"], figures["ensemble"]["macro_auc_ci95"]) == (0.0, [0.0, 1.0])
    assert "cannot be ranked" in (job.output / "report.html").read_text("utf-8")
    assert any(warning.startswith("No head has two classes among the test memes") for warning in figures["warnings"])


@pytest.mark.parametrize("seed", range(5))
def test_a_meme_or_two_pass_no_gate_however_lucky(memotion_heads: Heads, seed: int) -> None:
    figures = _figures(memotion_heads, skill=5.0, memes=2, seed=seed)
    assert figures["lift_over_chance_ci95"] == [-1.0, 1.0]
    assert figures["verdict"].startswith("Too few test memes to tell")
    assert "Only 2 test memes: too few to resample" in figures["warnings"][0]


def test_a_result_far_above_the_published_ones_is_suspected_of_a_leak(memotion_heads: Heads) -> None:
    suspicious = _figures(memotion_heads, skill=1.0, memes=100)["warnings"]
    assert any("Suspiciously good" in warning and "look for a leak" in warning for warning in suspicious)
    assert not any("leak" in warning for warning in _figures(memotion_heads, skill=0.0, memes=100)["warnings"])


def test_an_ensemble_that_a_model_alone_beats_is_said_to_be_worse(tmp_path: Path, two_heads: Heads) -> None:
    job = draw_input(tmp_path / "input", two_heads, 400, skill=1.0)
    for row in job.rows:
        if row["split"] != "train":
            topic, mood = row["labels"]
            wrong = [0.0] * 5
            wrong[(topic + 1) % 3] = wrong[7 - mood] = 1.0  # the moods are 3 and 4
            job.image(row["key"]).write_text(str(wrong), encoding="utf-8")
    assert job.run("plain_average") == 0
    assert any(w.startswith("The text model alone is better than the ensemble") for w in job.json()["warnings"])


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), None, "0.5", True])
@pytest.mark.parametrize("figure", ["ensemble.macro_f1", "ensemble.macro_auc", "lift_over_chance_ci95[0]"])
def test_a_gate_figure_that_is_missing_or_not_finite_is_named(figure: str, wrong: object) -> None:
    figures: dict[str, Any] = {"ensemble": {"macro_f1": 0.5, "macro_auc": 0.6}, "lift_over_chance_ci95": [0.1, 0.2]}
    require_gated_metrics(figures)
    section, _, name = figure.rpartition(".")
    if section:
        figures[section][name] = wrong
    else:
        figures["lift_over_chance_ci95"][0] = wrong
    with pytest.raises(MetricError, match=re.escape(f"the figure {figure} is")):
        require_gated_metrics(figures)
    figures.pop(section or "lift_over_chance_ci95")
    with pytest.raises(MetricError, match="is missing"):
        require_gated_metrics(figures)


def test_the_job_fails_by_name_when_a_gate_figure_is_not_finite(
    job: JobInput, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(baselines, "guess_f1", lambda supports, _: np.full(supports.shape, np.nan))
    assert job.run() == 1
    assert "the figure lift_over_chance_ci95[0] is nan" in capsys.readouterr().err.splitlines()[-1]
    assert not (job.output / "evaluation.json").exists()


def test_the_gates_figures_are_told_in_three_digits() -> None:
    metrics = {"ensemble": {"macro_f1": 0.22574, "macro_auc": 0.5}, "lift_over_chance_ci95": [-0.0304, 0.1]}
    assert gate_text(metrics) == {"MinMacroF1": "0.226", "MinLiftOverChance": "-0.030", "MinMacroAuc": "0.500"}
