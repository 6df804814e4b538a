"""How answers look to a person, to the letter."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cli import output, tables
from inference.prediction import Head, Prediction
from pipeline.account.doctor import Check
from pipeline.executions import step_text
from pipeline.releases.endpoints import Endpoint

Printed = Callable[[Any], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    def shown(answer: Any) -> str:
        output.show(answer)
        return capsys.readouterr().out

    return shown


def opinion(macro_f1: float) -> dict[str, Any]:
    head = {"accuracy": 0.6, "macro_f1": macro_f1, "weighted_f1": 0.55}
    return {"macro_f1": macro_f1, "macro_f1_ci95": [macro_f1 - 0.1, macro_f1 + 0.1], "heads": {"mood": head}}


FIGURES = {
    "method": {"name": "average"},
    "counts": {"train": 320, "validation": 40, "test": 40},
    "ensemble": opinion(0.5),
    "models": {"image": opinion(0.4), "text": opinion(0.3)},
    "baseline": {"constant": {"macro_f1": 0.2}, "stratified_random": {"macro_f1": 0.31}},
    "lift_over_chance": 0.19,
    "lift_over_chance_ci95": [0.09, 0.29],
    "verdict": "Better than chance, clearly.",
    "warnings": ["mood: no test meme is light."],
}


def test_figures_stand_beside_their_baselines_and_are_put_into_words(printed: Printed) -> None:
    assert printed(tables.evaluation(FIGURES)) == (
        "320 train, 40 validation, 40 test; method average\n"
        "\n"
        "                   MACRO-F1  95 % INTERVAL\n"
        "ensemble           0.500     [0.400, 0.600]\n"
        "image              0.400     [0.300, 0.500]\n"
        "text               0.300     [0.200, 0.400]\n"
        "constant           0.200\n"
        "stratified random  0.310\n"
        "\n"
        "HEAD  ACCURACY  MACRO-F1  WEIGHTED F1\n"
        "mood  0.600     0.500     0.550\n"
        "\n"
        "Better than chance, clearly.\n"
        "mood: no test meme is light.\n"
    )


def test_what_the_opinions_know_and_what_to_do_about_it_stand_there_where_the_evaluation_says_so(
    printed: Printed,
) -> None:
    knowing = {"macro_auc": 0.61, "skill_bits": -0.25}
    ensemble = opinion(0.5) | knowing
    ensemble["heads"]["mood"] |= {"macro_auc": 0.61, "skill_bits": -0.25}
    shown = printed(tables.evaluation(FIGURES | {"ensemble": ensemble, "advice": ["Look at the labels first."]}))
    lines = [line.split() for line in shown.splitlines()]
    assert ["ensemble", "0.500", "[0.400,", "0.600]", "0.610", "-0.250"] in lines
    assert ["mood", "0.600", "0.500", "0.550", "0.610", "-0.250"] in lines
    assert shown.endswith("mood: no test meme is light.\nLook at the labels first.\n")


def test_figures_without_words_are_put_into_words_all_the_same(printed: Printed) -> None:
    silent = {name: value for name, value in FIGURES.items() if name not in ("verdict", "warnings", "models", "method")}
    shown = printed(tables.evaluation(silent))
    assert shown.startswith("320 train, 40 validation, 40 test; method unknown\n")
    assert shown.endswith(
        "No verdict is recorded: macro-F1 0.500 where a stratified random guess scores 0.310, "
        "the 95 percent interval of the difference +0.090 to +0.290.\n"
    )


def test_a_prediction_shows_what_each_model_said_and_who_failed(printed: Printed) -> None:
    shares = {"dark": 0.6, "light": 0.4}
    both = Prediction("m.jpg", "so [bold]", "ocr", {"mood": Head("dark", 0.6, shares)},
                      {"image": {"mood": {"dark": 0.9, "light": 0.1}}, "text": {"mood": {"dark": 0.3, "light": 0.7}}},
                      None, {})  # fmt: skip
    assert printed(tables.prediction(both)) == (
        "m.jpg: so [bold] (read)\n"
        "HEAD  LABEL  PROBABILITY  IMAGE MODEL  TEXT MODEL\n"
        "mood  dark   0.600        dark         light\n"
    )
    alone = Prediction("m.jpg", "", "none", both.heads, {"image": both.models["image"]}, "blazingtext", {})
    assert printed(tables.prediction(alone)) == (
        "m.jpg: - (no text: the answer of what sees the picture alone)\n"
        "container blazingtext failed: this is the answer of the others alone\n"
        "HEAD  LABEL  PROBABILITY  IMAGE MODEL\n"
        "mood  dark   0.600        dark\n"
    )


def test_what_is_right_stands_beside_the_answer_where_it_is_known(printed: Printed) -> None:
    heads = {"mood": Head("dark", 0.6, {"dark": 0.6, "light": 0.4}), "taste": Head("salty", 1.0, {"salty": 1.0})}
    answer = Prediction("m.jpg", "a", "given", heads, {}, None, {})
    assert printed(tables.prediction(answer, {"mood": "light", "taste": "salty"})) == (
        "m.jpg: a (given)\n"
        "HEAD   LABEL  PROBABILITY  WHAT IS RIGHT\n"
        "mood   dark   0.600        \u2717 light\n"
        "taste  salty  1.000        \u2713 salty\n"
    )


def test_an_endpoint_that_is_not_there_is_a_row_too(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_text, "moment", lambda time: f"{time:%H:%M}" if time else "")
    answer = {"EndpointStatus": "InService", "LastModifiedTime": datetime(2026, 11, 24, 12, 30, tzinfo=UTC)}
    entries = [
        Endpoint("production", "memotion", None, None),
        Endpoint("staging", "memotion-staging", answer, "arn:aws:sagemaker:r:a:model-package/memotion/3"),
    ]
    assert printed(tables.endpoints(entries)) == (
        "STAGE       ENDPOINT          STATUS     VERSION  SINCE  REASON\n"
        "production  memotion          absent\n"
        "staging     memotion-staging  InService  3        12:30\n"
    )


def test_checks_say_what_was_found(printed: Printed) -> None:
    results = [Check("bucket", "ok", "memes"), Check("quotas", "unknown", "cannot be told without x:Y")]
    assert printed(tables.checks(results)) == (
        "CHECK            FINDING\nbucket  ok       memes\nquotas  unknown  cannot be told without x:Y\n"
    )


def test_times_are_in_json_as_iso_8601_and_what_belongs_to_the_call_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.show_json({"At": datetime(2026, 11, 24, tzinfo=UTC), "ResponseMetadata": {"HTTPStatusCode": 200}})
    assert capsys.readouterr().out == '{\n  "At": "2026-11-24T00:00:00+00:00"\n}\n'
