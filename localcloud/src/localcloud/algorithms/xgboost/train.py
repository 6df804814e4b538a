"""The training: `LOCALCLOUD_ML=… LOCALCLOUD_BUCKETS=… python -m localcloud.algorithms.xgboost.train`.

It trains once, on all of its channels, whatever the number of instances. Rounds are kept in the job's checkpoints,
where it has them, and a later job goes on from the last.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.hyperparameters import read
from localcloud.algorithms.training_container import THREADS, OptMl, train
from localcloud.algorithms.xgboost import ALGORITHM, MODEL, metrics
from localcloud.algorithms.xgboost.hyperparameters import Hyperparameters, table_of
from localcloud.algorithms.xgboost.model_file import first_line, write_model
from localcloud.algorithms.xgboost.tables import (
    CONTENT_TYPES,
    CSV,
    LIBSVM,
    Table,
    TableError,
    labelled_csv,
    labelled_libsvm,
)
from localcloud.algorithms.xgboost.versions import NEWEST, VARIABLE, version_of
from localcloud.channels import Channel

CHECKPOINT = "xgboost-checkpoint"
KEPT_CHECKPOINTS = 5
WRONG_DATA = (
    *("label must be", "base_score must be in", "num_class", "labels_", "AUC", "nonnegative", "should be greater"),
    *("valid values are", "Invalid Input", "Invalid Parameter", "expected to be", "must be", "Target is"),
)
"""What the library says of data and figures that whoever asked for the training can mend."""


def run(opt_ml: OptMl) -> None:
    """Train from the input of /opt/ml to its model. Raises ClientError."""
    version = version_of(os.environ.get(VARIABLE, ".".join(map(str, NEWEST))))
    hyperparameters = read(table_of(version), opt_ml.hyperparameters(), ALGORITHM)
    if len(opt_ml.hosts()) > 1:
        logging.info("The training of %d instances runs once here, on the data of all", len(opt_ml.hosts()))
    data = _matrices(opt_ml, hyperparameters)
    try:
        model = _boosted(hyperparameters, data, opt_ml.checkpoints)
    except (xgboost.core.XGBoostError, ValueError) as error:
        if any(sign in str(error) for sign in WRONG_DATA):
            raise ClientError(first_line(error)) from None
        sys.exit(f"XGB train call failed with exception: {first_line(error)}")
    write_model(model, opt_ml.model / MODEL, version)


def _matrices(opt_ml: OptMl, hyperparameters: Hyperparameters) -> dict[str, xgboost.DMatrix]:
    """The data of the channels that there are, by their names."""
    channels = opt_ml.channels()
    channels.required("train", ALGORITHM)
    tables = {name: _table(channels[name], hyperparameters) for name in ("train", "validation") if name in channels}
    columns = max(table.features.shape[1] for table in tables.values())
    for name, table in tables.items():
        width = table.widened(columns).features.shape[1]
        if width != tables["train"].widened(columns).features.shape[1]:
            raise ClientError(f"feature_names mismatch: channel {name} has {width} features, and channel train others")
    logging.info("Train matrix has %d rows and %d columns", *tables["train"].widened(columns).features.shape)
    if "validation" in tables:
        logging.info("Validation matrix has %d rows", tables["validation"].features.shape[0])
    return {name: _matrix(table.widened(columns)) for name, table in tables.items()}


def _matrix(table: Table) -> xgboost.DMatrix:
    return xgboost.DMatrix(table.features, table.labels, weight=table.weights, nthread=THREADS)


def _table(channel: Channel, hyperparameters: Hyperparameters) -> Table:
    kind = CONTENT_TYPES.get(channel.media_type or LIBSVM)
    if kind is None:
        raise ClientError(
            f"channel {channel.name}: {channel.content_type} is not an accepted ContentType here; "
            f"there are {', '.join(CONTENT_TYPES)}"
        )
    if channel.content_parameters.get("label_size", "1") != "1":
        raise ClientError(f"channel {channel.name}: {channel.content_type}: the parameter label_size must be 1")
    if channel.input_mode == "Pipe":
        raise ClientError(f"channel {channel.name}: {kind} is not read in Pipe mode; set the InputMode to File")
    files = [path for path in channel.files() if not path.name.startswith((".", "_"))]
    try:
        table = labelled_csv(files, bool(hyperparameters.csv_weights)) if kind == CSV else labelled_libsvm(files)
    except TableError as error:
        raise ClientError(f"channel {channel.name}, {error}") from None
    if not len(table.labels):
        raise ClientError(f"No data in {channel.name} channel path")
    return table


def _boosted(
    hyperparameters: Hyperparameters, data: Mapping[str, xgboost.DMatrix], checkpoints: Path | None
) -> xgboost.Booster:
    objective = (hyperparameters._tuning_objective_metric or "").partition(":")[2]
    names = sorted(
        {*(hyperparameters.eval_metric or ()), *([objective] if objective else ())}, key=_order(hyperparameters)
    )
    native, other = metrics.split(names)
    parameters = _parameters(hyperparameters) | ({"eval_metric": native} if native else {})
    earlier_model, earlier_rounds = _last_checkpoint(checkpoints)
    return xgboost.train(
        parameters,
        data["train"],
        max(hyperparameters.num_round - earlier_rounds, 0),
        evals=[(matrix, name) for name, matrix in data.items()],
        custom_metric=metrics.measure(other) if other else None,
        callbacks=[
            _Log(),
            *_early_stopping(hyperparameters, objective, data),
            *([_Keep(checkpoints)] if checkpoints else []),
        ],
        xgb_model=earlier_model,
        verbose_eval=False,
    )


def _order(hyperparameters: Hyperparameters) -> Any:
    """Metrics in the order in which they were asked for."""
    names = list(hyperparameters.eval_metric or ())
    return lambda name: names.index(name) if name in names else len(names)


def _parameters(hyperparameters: Hyperparameters) -> dict[str, Any]:
    parameters = {"nthread": THREADS, "seed": 0, **hyperparameters.of_the_library()}
    if parameters.get("tree_method") == "gpu_hist":
        logging.info("tree_method gpu_hist trains as hist here, on the CPU")
        parameters["tree_method"] = "hist"
    if "updater" in parameters:
        parameters["updater"] = ",".join(parameters["updater"])
    return parameters


def _early_stopping(
    hyperparameters: Hyperparameters, objective: str, data: Mapping[str, xgboost.DMatrix]
) -> list[xgboost.callback.TrainingCallback]:
    metric = objective or (hyperparameters.eval_metric[-1] if hyperparameters.eval_metric else "")
    if hyperparameters.early_stopping_rounds is None:
        return []
    if "validation" not in data or not metric:
        logging.warning("early_stopping_rounds needs the channel validation and an eval_metric: it is not looked at")
        return []
    maximise = metric.partition("@")[0] in metrics.MAXIMISED
    stop = xgboost.callback.EarlyStopping(
        rounds=hyperparameters.early_stopping_rounds,
        metric_name=metric,
        data_name="validation",
        maximize=maximise,
        save_best=True,
    )
    return [stop]


class _Log(xgboost.callback.TrainingCallback):
    """Says each round's figures as the algorithm's log has them: `[3]#011train-rmse:0.51204`."""

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        figures = (
            f"#011{channel}-{name}:{values[-1]:.5f}"
            for channel, measured in evals_log.items()
            for name, values in measured.items()
        )
        print(f"[{epoch}]{''.join(figures)}", flush=True)
        return False


class _Keep(xgboost.callback.TrainingCallback):
    """Keeps the last rounds' models in the folder of the checkpoints."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        unfinished = self.folder / f".{CHECKPOINT}"
        unfinished.write_bytes(model.save_raw("ubj"))
        unfinished.rename(self.folder / f"{CHECKPOINT}.{epoch}")
        (self.folder / f"{CHECKPOINT}.{epoch - KEPT_CHECKPOINTS}").unlink(missing_ok=True)
        return False


def _last_checkpoint(folder: Path | None) -> tuple[xgboost.Booster | None, int]:
    """The model of the last round that was kept, and the number of its rounds."""
    checkpoints = (
        [path for path in folder.iterdir() if re.fullmatch(rf"{CHECKPOINT}\.\d+", path.name)] if folder else []
    )
    if not checkpoints:
        return None, 0
    last = max(checkpoints, key=lambda path: int(path.suffix[1:]))
    logging.info("Checkpoint loaded from %s", last.name)
    model = xgboost.Booster()
    model.load_model(bytearray(last.read_bytes()))
    return model, model.num_boosted_rounds()


if __name__ == "__main__":
    train(run)
