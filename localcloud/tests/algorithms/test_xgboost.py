"""XGBoost trained from tables and asked for predictions; the oracles are scikit-learn, and the library on arrays."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from sklearn.datasets import dump_svmlight_file
from sklearn.metrics import accuracy_score, mean_squared_error, root_mean_squared_error

from localcloud.algorithms import algorithm_of, find
from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.serving_container import InvocationError, Invoke
from localcloud.algorithms.xgboost import serve, train
from localcloud.algorithms.xgboost.model_file import ModelFileError, read_model
from localcloud.http import Request, Response
from localcloud_tests.training_folder import Job

REGRESSION = {"objective": "reg:squarederror", "num_round": 8, "max_depth": 3, "eta": 0.3}
PARAMETERS = {"objective": "reg:squarederror", "max_depth": 3, "eta": 0.3, "nthread": 2, "seed": 0}
LOGGED = re.compile(r"^\[(\d+)\]#011(.*)$", re.MULTILINE)

draw = np.random.default_rng(0)
FEATURES = draw.normal(size=(60, 4)).round(3).astype(np.float32)
VALUES = (2 * FEATURES[:, 0] - FEATURES[:, 2]).round(3).astype(np.float32)
CLASSES = (VALUES > 0).astype(int)


def csv(labels: Any, features: Any = FEATURES, *more: Any) -> str:
    columns = [np.asarray(labels)[:, None], *(np.asarray(each)[:, None] for each in more), features]
    return "\n".join(",".join(f"{value:g}" for value in row) for row in np.hstack(columns)) + "\n"


def rows(features: Any) -> str:
    return "\n".join(",".join(f"{value:g}" for value in row) for row in features)


def give(job: Job, channel: str, text: str, content_type: str = "text/csv") -> None:
    job.files(channel, data=text)
    job.channels[channel]["ContentType"] = content_type
    job.write_channels()


@pytest.fixture
def regression(job: Job) -> Job:
    job.hyperparameters(**REGRESSION)
    give(job, "train", csv(VALUES[:40], FEATURES[:40]))
    give(job, "validation", csv(VALUES[40:], FEATURES[40:]))
    return job


def model_of(job: Job) -> xgboost.Booster:
    return read_model(job.opt_ml.model / "xgboost-model")


def predictions_of(job: Job, features: Any = FEATURES) -> np.ndarray:
    predictions: np.ndarray = model_of(job).predict(xgboost.DMatrix(np.asarray(features)))
    return predictions


def figures(log: str) -> list[dict[str, float]]:
    """The figures of each round in a log."""
    return [
        {name: float(value) for name, _, value in (part.rpartition(":") for part in line.split("#011"))}
        for _, line in LOGGED.findall(log)
    ]


def test_a_table_trains_what_the_library_trains_from_the_same_array(regression: Job) -> None:
    train.run(regression.opt_ml)
    expected = xgboost.train(PARAMETERS, xgboost.DMatrix(FEATURES[:40], VALUES[:40]), 8)
    assert np.allclose(predictions_of(regression), expected.predict(xgboost.DMatrix(FEATURES)))


def test_csv_and_libsvm_of_the_same_rows_train_the_same_model(regression: Job, tmp_path: Path) -> None:
    train.run(regression.opt_ml)
    expected = predictions_of(regression)
    other = Job(tmp_path / "other")
    other.hyperparameters(**REGRESSION)
    dump_svmlight_file(FEATURES[:40], VALUES[:40], str(tmp_path / "rows"), zero_based=True)
    give(other, "train", (tmp_path / "rows").read_text(), "text/libsvm")
    train.run(other.opt_ml)
    assert np.allclose(predictions_of(other), expected, atol=1e-5)


def test_the_log_says_each_round_s_figures_as_scikit_learn_computes_them(
    regression: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    train.run(regression.opt_ml)
    rounds = figures(capsys.readouterr().out)
    predicted = predictions_of(regression)
    assert len(rounds) == 8
    assert rounds[-1] == pytest.approx(
        {
            "train-rmse": root_mean_squared_error(VALUES[:40], predicted[:40]),
            "validation-rmse": root_mean_squared_error(VALUES[40:], predicted[40:]),
        },
        abs=1e-5,
    )


def test_metrics_that_the_library_has_not_are_measured_too(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    job.hyperparameters(objective="binary:logistic", num_round=2, max_depth=1, eval_metric="auc,accuracy,mse")
    give(job, "train", csv(CLASSES))
    train.run(job.opt_ml)
    last = figures(capsys.readouterr().out)[-1]
    predicted = predictions_of(job)
    assert last["train-accuracy"] == pytest.approx(accuracy_score(CLASSES, predicted > 0.5), abs=1e-5)
    assert last["train-mse"] == pytest.approx(mean_squared_error(CLASSES, predicted), abs=1e-5)
    assert last.keys() == {"train-auc", "train-accuracy", "train-mse"}


def test_the_algorithm_s_expressions_find_the_figures_of_its_own_log(
    regression: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    train.run(regression.opt_ml)
    log = capsys.readouterr().out
    matches = {name: re.findall(expression, log) for name, expression in find(image("1.7-1")).metrics.items()}
    metrics = {name.replace(":", "-"): float(values[-1]) for name, values in matches.items() if values}
    assert metrics == figures(log)[-1]


def test_training_stops_where_the_validation_gets_no_better_and_keeps_the_best(
    regression: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    regression.hyperparameters(**{**REGRESSION, "num_round": 300, "eta": 1, "max_depth": 6}, early_stopping_rounds=3)
    train.run(regression.opt_ml)
    capsys.readouterr()
    assert model_of(regression).num_boosted_rounds() == 300  # without an eval_metric there is none to look at

    regression.hyperparameters(
        **{**REGRESSION, "num_round": 300, "eta": 1, "max_depth": 6}, early_stopping_rounds=3, eval_metric="rmse"
    )
    train.run(regression.opt_ml)
    errors = [each["validation-rmse"] for each in figures(capsys.readouterr().out)]
    assert len(errors) < 300
    assert model_of(regression).num_boosted_rounds() == int(np.argmin(errors)) + 1


def test_the_second_column_weighs_the_rows_where_csv_weights_is_set(job: Job) -> None:
    weights = np.where(CLASSES == 1, 5, 1)
    job.hyperparameters(**REGRESSION, csv_weights=1)
    give(job, "train", csv(VALUES, FEATURES, weights))
    train.run(job.opt_ml)
    expected = xgboost.train(PARAMETERS, xgboost.DMatrix(FEATURES, VALUES, weight=weights), 8)
    assert np.allclose(predictions_of(job), expected.predict(xgboost.DMatrix(FEATURES)))


def test_an_empty_field_is_a_missing_value(job: Job) -> None:
    holed = FEATURES.copy()
    holed[::3, 1] = np.nan
    job.hyperparameters(**REGRESSION)
    give(job, "train", csv(VALUES, holed).replace("nan", ""))
    train.run(job.opt_ml)
    expected = xgboost.train(PARAMETERS, xgboost.DMatrix(holed, VALUES), 8)
    assert np.allclose(predictions_of(job, holed), expected.predict(xgboost.DMatrix(holed)))


def test_a_training_goes_on_from_its_checkpoints(regression: Job) -> None:
    train.run(regression.opt_ml)
    whole = predictions_of(regression)
    (regression.opt_ml.root / "checkpoints").mkdir()
    regression.hyperparameters(**{**REGRESSION, "num_round": 5})
    train.run(regression.opt_ml)
    checkpoints = sorted(path.name for path in (regression.opt_ml.root / "checkpoints").iterdir())
    assert checkpoints == [f"xgboost-checkpoint.{number}" for number in range(5)]
    regression.hyperparameters(**REGRESSION)
    train.run(regression.opt_ml)
    assert model_of(regression).num_boosted_rounds() == 8
    assert np.allclose(predictions_of(regression), whole, atol=1e-6)


@pytest.mark.parametrize(("version", "is_pickle"), [("1.0", True), ("1.2", True), ("1.3", False), ("1.7", False)])
def test_a_model_is_pickled_below_version_1_3(
    regression: Job, version: str, is_pickle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALCLOUD_XGBOOST_VERSION", version)
    train.run(regression.opt_ml)
    path = regression.opt_ml.model / "xgboost-model"
    if is_pickle:
        model = pickle.loads(path.read_bytes())
    else:
        model = xgboost.Booster()
        model.load_model(bytearray(path.read_bytes()))
    assert np.allclose(model.predict(xgboost.DMatrix(FEATURES)), predictions_of(regression))


def test_a_pickle_that_holds_no_model_runs_nothing(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "touched",))

    (tmp_path / "xgboost-model").write_bytes(pickle.dumps(Evil(), protocol=4))
    with pytest.raises(ModelFileError, match="is no part of a model"):
        read_model(tmp_path / "xgboost-model")
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize(
    ("text", "content_type", "sentence"),
    [
        ("label,a\n1,2\n", "text/csv", "line 1: 'label' is not a number; the data has no header"),
        ("1,2,3\n1,2\n", "text/csv", "line 2 has 2 columns, and the lines before it 3"),
        ("1\n2\n", "text/csv", "line 1 has 1 columns; a label and the features"),
        ("1 0:2\n0 2\n", "text/libsvm", "line 2: '2' is no INDEX:VALUE"),
        ("1,2\n", "libsvm", "'1,2' is not a number"),
        ("", "text/csv", "No data in train"),
        ("1,2\n", "application/x-parquet", "application/x-parquet is not an accepted ContentType"),
        ("1,2\n", "text/csv; label_size=2", "label_size must be 1"),
    ],
)
def test_data_that_cannot_be_read_is_a_clients_error_by_its_line(
    job: Job, text: str, content_type: str, sentence: str
) -> None:
    job.hyperparameters(**REGRESSION)
    give(job, "train", text, content_type)
    with pytest.raises(ClientError, match=sentence):
        train.run(job.opt_ml)


def test_labels_that_the_objective_does_not_take_are_a_clients_error(job: Job) -> None:
    job.hyperparameters(objective="multi:softmax", num_class=2, num_round=1)
    give(job, "train", csv(CLASSES * 7))
    with pytest.raises(ClientError, match=r"[Ll]abel must be"):
        train.run(job.opt_ml)


def test_channels_of_different_widths_are_refused(job: Job) -> None:
    job.hyperparameters(**REGRESSION)
    give(job, "train", csv(VALUES))
    give(job, "validation", csv(VALUES, FEATURES[:, :2]))
    with pytest.raises(ClientError, match="feature_names mismatch: channel validation has 2 features"):
        train.run(job.opt_ml)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "requires the hyperparameter num_round"),
        ({"num_round": "0"}, "num_round is '0'"),
        ({"num_round": "1", "eta": "2"}, "eta is '2', but must be a number from 0 to 1"),
        ({"num_round": "1", "objective": "reg:cubed"}, "objective is 'reg:cubed'"),
        ({"num_round": "1", "objective": "multi:softmax"}, "num_class is required"),
        ({"num_round": "1", "eval_metric": "auc"}, "auc is for classification"),
        ({"num_round": "1", "eval_metric": "rmse,loss"}, "eval_metric is 'rmse,loss'"),
        ({"num_round": "1", "max_dept": "3"}, "did you mean 'max_depth'"),
        ({"num_round": "1", "monotone_constraints": "(1,0)"}, "needs tree_method exact or hist"),
        ({"num_round": "1", "_kfold": "3"}, "cross-validation is not offered here"),
        ({"num_round": "1", "updater": "grow_colmaker,distcol"}, "one updater grows the trees"),
    ],
)
def test_hyperparameters_are_refused_by_name(values: dict[str, str], sentence: str) -> None:
    problems = [problem for _, problem in find(image("1.7-1")).problems(values)]
    assert any(re.search(sentence, problem) for problem in problems), problems


def test_what_is_documented_is_taken_under_either_of_its_names() -> None:
    values = {"num_round": "5", "lambda": "1", "learning_rate": "0.1", "min_split_loss": "0", "alpha": "0"}
    values |= {"eval_metric": "error@0.7,auc", "objective": "binary:logistic", "interaction_constraints": "[[0,1]]"}
    assert list(find(image("1.7-1")).problems({**values, "tree_method": "hist"})) == []


def image(tag: str) -> str:
    return f"683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:{tag}"


@pytest.mark.parametrize(
    ("uri", "takes_silent", "trains_on_p2", "trains_on_g5"),
    [
        ("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", True, False, False),
        (image("1.0-1-cpu-py3"), True, False, False),
        (image("1.2-2"), False, True, True),
        (image("1.7-1"), False, False, True),
    ],
)
def test_a_version_has_its_own_hyperparameters_and_instances(
    uri: str, takes_silent: bool, trains_on_p2: bool, trains_on_g5: bool
) -> None:
    algorithm = find(uri)
    assert (not list(algorithm.problems({"num_round": "1", "silent": "0"}))) == takes_silent
    assert "ml.p2.xlarge".startswith(algorithm.families) == trains_on_p2
    assert "ml.g5.xlarge".startswith(algorithm.families) == trains_on_g5
    assert "ml.m5.xlarge".startswith(algorithm.families)


def test_the_framework_s_image_is_an_algorithm_s_only_without_a_program() -> None:
    assert algorithm_of(image("1.7-1")) is not None
    assert algorithm_of(image("1.7-1"), is_own=True) is None
    assert algorithm_of("811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1", is_own=True) is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = Job(tmp_path_factory.mktemp("served") / "job")
    job.hyperparameters(**REGRESSION)
    give(job, "train", csv(VALUES))
    train.run(job.opt_ml)
    return job.opt_ml.model


@pytest.fixture(scope="module")
def invoke(folder: Path) -> Invoke:
    return serve.load(folder)


@pytest.fixture(scope="module")
def expected(folder: Path) -> list[float]:
    values: list[float] = read_model(folder / "xgboost-model").predict(xgboost.DMatrix(FEATURES[:3])).tolist()
    return values


def ask(invoke: Invoke, body: str, content_type: str = "text/csv", accept: str = "") -> Response:
    headers = {"content-type": content_type, **({"accept": accept} if accept else {})}
    return invoke(Request("POST", "/invocations", headers, body.encode()))


def test_rows_of_csv_are_answered_a_line_a_row(invoke: Invoke, expected: list[float]) -> None:
    response = ask(invoke, rows(FEATURES[:3]))
    assert response.content_type == "text/csv"
    assert [float(line) for line in response.body.decode().splitlines()] == pytest.approx(expected)


def test_libsvm_is_answered_as_csv_is(invoke: Invoke, expected: list[float]) -> None:
    body = "\n".join(" ".join(f"{n}:{value:g}" for n, value in enumerate(row)) for row in FEATURES[:3])
    answer = ask(invoke, body, "text/libsvm").body.decode().split()
    assert [float(value) for value in answer] == pytest.approx(expected)


def test_json_has_a_score_a_row(invoke: Invoke, expected: list[float]) -> None:
    answer = json.loads(ask(invoke, rows(FEATURES[:3]), accept="application/json").body)
    assert [each["score"] for each in answer["predictions"]] == pytest.approx(expected)
    lines = ask(invoke, rows(FEATURES[:3]), accept="application/jsonlines").body.decode().splitlines()
    assert [json.loads(line)["score"] for line in lines] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status"),
    [
        ("1,2,3,4", "application/json", "", 415),
        ("1,x,3,4", "text/csv", "", 415),
        ("1,2", "text/csv", "", 400),
        ("9:1", "text/libsvm", "", 400),
        ("1,2,3,4", "text/csv", "image/png", 406),
    ],
)
def test_what_is_no_request_is_refused(invoke: Invoke, body: str, content_type: str, accept: str, status: int) -> None:
    with pytest.raises(InvocationError) as refused:
        ask(invoke, body, content_type, accept)
    assert refused.value.status == status


def test_an_empty_body_has_no_answer(invoke: Invoke) -> None:
    assert ask(invoke, "").status == 204


@pytest.fixture
def in_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoke]:
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    yield serve.load(folder)


def test_a_batch_is_answered_a_line_a_row_whatever_it_accepts(in_batch: Invoke, expected: list[float]) -> None:
    answer = ask(in_batch, rows(FEATURES[:3]), accept="application/json").body.decode()
    assert [float(line) for line in answer.splitlines()] == pytest.approx(expected)
