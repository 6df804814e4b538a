"""A rare class that both models rank well and the likeliest class never is: information that arg max throws away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from memotion.ensemble import Combiner
from memotion.heads import Heads
from tests.evaluation.job_input import JobInput, write_input

RARE = 0.03
MEMES = 4000


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> JobInput:
    """Topic and mood are rare in one class each, which both models' calibrated probabilities raise, never enough."""
    generator = np.random.default_rng(0)
    splits = ["train" if i % 5 < 3 else "validation" if i % 5 == 3 else "test" for i in range(MEMES)]
    topic = generator.choice(3, MEMES, p=[0.6, 0.37, RARE])
    mood = 3 + (generator.random(MEMES) < RARE)
    labels = np.stack([topic, mood], axis=1)
    image, text = (_calibrated(generator, topic == 2, mood == 4) for _ in range(2))
    return write_input(tmp_path_factory.mktemp("rare") / "input", splits, labels, image, text / 2)


def _calibrated(generator: np.random.Generator, *is_rare: np.ndarray) -> np.ndarray:
    """Answers of a model that sees each rare class through noise of its own, 1.25 standard deviations apart."""
    skill = 1.25
    columns = []
    for common, positive in zip(([0.6, 0.37], [1 - RARE]), is_rare, strict=True):
        odds = RARE / (1 - RARE) * np.exp(skill * generator.normal(skill * positive) - skill**2 / 2)
        probability = np.minimum(odds / (1 + odds), 0.36)
        columns += [share / sum(common) * (1 - probability) for share in common] + [probability]
    return np.stack(columns, axis=1)


@pytest.fixture(scope="module")
def by_rule(rare: JobInput, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    with pytest.MonkeyPatch.context() as environment:
        from tests.evaluation.conftest import TWO_HEADS

        path = tmp_path_factory.mktemp("heads") / "two-heads.toml"
        path.write_text(TWO_HEADS, encoding="utf-8")
        environment.setenv("MEMOTION_HEADS", str(path))
        evaluations = {}
        for rule in ("argmax", "balanced"):
            assert rare.run("average", rule) == 0
            evaluations[rule] = rare.json()
        return evaluations


def test_both_models_rank_it_well_and_arg_max_never_names_it(by_rule: dict[str, dict[str, Any]]) -> None:
    for head, name in {"topic": "bird", "mood": "loud"}.items():
        section = by_rule["argmax"]["ensemble"]["heads"][head]
        assert section["ranking"][name]["auc"] == pytest.approx(0.9, abs=0.05)
        assert section["ranking"][name]["holds"]
        assert section["ranking"][name]["share"] == pytest.approx(RARE, abs=0.015)
        assert section["classes"][name]["predicted"] == 0
    assert all(model["macro_auc"] > 0.65 for model in by_rule["argmax"]["models"].values())


def test_the_balanced_rule_decides_well_above_it(by_rule: dict[str, dict[str, Any]]) -> None:
    argmax, balanced = by_rule["argmax"]["ensemble"], by_rule["balanced"]["ensemble"]
    assert balanced["macro_f1"] > argmax["macro_f1"] + 0.05
    assert argmax["decision"]["balanced_over_argmax_ci95"][0] > 0
    assert all(exponent > 0 for exponent in balanced["decision"]["exponents"].values())
    # The probabilities are the same, and so is what they know.
    for name in ("macro_auc", "macro_auc_ci95", "log_loss", "skill_bits", "skill_bits_ci95"):
        assert argmax[name] == balanced[name]
    assert argmax["decision"]["rules"] == balanced["decision"]["rules"]


def test_verdict_warning_and_advice_say_so(by_rule: dict[str, dict[str, Any]]) -> None:
    figures = by_rule["argmax"]
    assert figures["verdict"].startswith("Carries information: AUC 0.")
    assert any(
        warning.startswith("The image model answers one class for more than 95 % of the memes: ")
        and "mood (calm, 100 %)" in warning
        for warning in figures["warnings"]
    )
    assert any(sentence.startswith("DecisionRule=balanced decides better") for sentence in figures["advice"])
    assert "Decides better than a guess" in by_rule["balanced"]["verdict"]
    assert not any("DecisionRule" in sentence for sentence in by_rule["balanced"]["advice"])


def test_the_written_combiner_decides_as_the_evaluation_did(rare: JobInput, by_rule: dict[str, dict[str, Any]]) -> None:
    combiner = Combiner.from_json((rare.output / "ensemble.json").read_bytes())  # the last run's: balanced
    decided = combiner.decide(np.array([line["ensemble"] for line in rare.predictions()]))
    for h, (head, section) in enumerate(by_rule["balanced"]["ensemble"]["heads"].items()):
        counted = np.bincount(decided[:, h], minlength=len(section["labels"])).tolist()
        assert counted == [entry["predicted"] for entry in section["classes"].values()], head


def test_an_unknown_rule_is_refused_by_name(
    job: JobInput, memotion_heads: Heads, capsys: pytest.CaptureFixture[str]
) -> None:
    assert job.run("average", "majority") == 1
    assert "'majority' is none of argmax, balanced: set DecisionRule to one" in capsys.readouterr().err
