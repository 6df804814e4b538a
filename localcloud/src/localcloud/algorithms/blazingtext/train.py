"""The training: `LOCALCLOUD_ML=… LOCALCLOUD_BUCKETS=… python -m localcloud.algorithms.blazingtext.train`.

One thread and fastText's own fixed seed: the same input gives the same model.bin, byte for byte.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

import fasttext

from localcloud.algorithms.blazingtext import ALGORITHM, LABEL, MODEL
from localcloud.algorithms.blazingtext.hyperparameters import Hyperparameters
from localcloud.algorithms.blazingtext.texts import write_lines
from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.training_container import OptMl, train

SEED = 0
LARGE_MODEL_BYTES = 500_000_000


def run(opt_ml: OptMl) -> None:
    """Train from the input of /opt/ml to its model. Raises ClientError."""
    parameters = Hyperparameters.of(opt_ml.hyperparameters())
    if len(opt_ml.hosts()) > 1:
        raise ClientError("BlazingText in supervised mode trains on one instance; set InstanceCount to 1")
    channels = opt_ml.channels()
    training, validation = channels.required("train", ALGORITHM), channels.get("validation")
    if parameters.early_stopping and validation is None:
        raise ClientError("early_stopping needs the channel 'validation', which the job does not have")
    if parameters.model_bytes > LARGE_MODEL_BYTES:
        logging.warning("model.bin will have %.1f GB: buckets x vector_dim x 4", parameters.model_bytes / 1e9)
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "train"
        count = write_lines(training, lines)
        checks = Path(folder) / "validation" if validation else None
        checked = write_lines(validation, checks) if validation and checks else 0
        model = _fit_until_it_stops(lines, checks, parameters) if parameters.early_stopping and checks else None
        model = model or _fit(lines, parameters, parameters.epochs)
        _say("train", model, lines, count)
        if checks:
            _say("validation", model, checks, checked)
    if not model.words:
        logging.warning("No word occurs min_count times, %d: every text will be answered alike", parameters.min_count)
    model.save_model(str(opt_ml.model / MODEL))


def _fit(lines: Path, parameters: Hyperparameters, epochs: int) -> Any:
    try:
        return fasttext.train_supervised(
            str(lines),
            epoch=epochs,
            lr=parameters.learning_rate,
            dim=parameters.vector_dim,
            minCount=parameters.min_count,
            wordNgrams=parameters.word_ngrams,
            bucket=parameters.buckets,
            loss="softmax",
            label=LABEL,
            thread=1,
            seed=SEED,
            verbose=0,
        )
    except ValueError as error:
        raise ClientError(f"there is nothing to learn from: {error} (hyperparameter min_count)") from None
    except MemoryError:
        raise ClientError("the model does not fit into memory; lower buckets or vector_dim") from None
    except RuntimeError as error:
        raise ClientError(f"the training came to no numbers ({error}); lower learning_rate") from None


def _fit_until_it_stops(lines: Path, checks: Path, parameters: Hyperparameters) -> Any:
    """The training of the number of epochs that validates best, until `patience` more bring nothing better.

    fastText lowers its learning rate over the epochs that it was told of, so each number is a training of its own.
    """
    best, accuracy, since = None, -1.0, 0
    for epochs in range(1, parameters.epochs + 1):
        model = _fit(lines, parameters, epochs)
        reached = _accuracy(model, checks)
        logging.info("%d epochs: validation accuracy %.4f", epochs, reached)
        if reached > accuracy:
            best, accuracy, since = model, reached, 0
        else:
            since += 1
        if epochs >= parameters.min_epochs and since >= parameters.patience:
            logging.info("Early stopping: no better validation accuracy")
            break
    return best


def _accuracy(model: Any, lines: Path) -> float:
    """Of how many texts the most probable label is one of theirs."""
    return float(model.test(str(lines))[1])


def _say(name: str, model: Any, lines: Path, count: int) -> None:
    logging.info("#%s_accuracy: %.4f", name, _accuracy(model, lines))
    logging.info("Number of %s examples: %d", name, count)


if __name__ == "__main__":
    train(run)
