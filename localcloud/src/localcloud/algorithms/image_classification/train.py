"""The training: `LOCALCLOUD_ML=… LOCALCLOUD_BUCKETS=… python -m localcloud.algorithms.image_classification.train`."""

from __future__ import annotations

import logging

import torch

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.image_classification import ALGORITHM
from localcloud.algorithms.image_classification.artifact import Description, describe, export, graph_name
from localcloud.algorithms.image_classification.checkpoints import Checkpoints
from localcloud.algorithms.image_classification.fitting import SEED, Fitting
from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters
from localcloud.algorithms.image_classification.network import Classifier
from localcloud.algorithms.image_classification.pictures import Pictures
from localcloud.algorithms.image_classification.pretrained import network
from localcloud.algorithms.training_container import OptMl, train


def run(opt_ml: OptMl) -> None:
    """Train from the input of /opt/ml to its model. Raises ClientError."""
    parameters = Hyperparameters.of(opt_ml.hyperparameters())
    channels = opt_ml.channels()
    training = Pictures(channels.required("train", ALGORITHM), parameters)
    validation = Pictures(channels.required("validation", ALGORITHM), parameters)
    if len(training) < parameters.mini_batch_size:
        raise ClientError(
            f"channel train holds {len(training)} records, fewer than one mini_batch_size of "
            f"{parameters.mini_batch_size}; lower mini_batch_size"
        )
    _say(parameters, len(training))
    _be_deterministic(parameters.threads)
    classifier = Classifier(network(parameters, channels.get("model")))
    classifier.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    epochs = Fitting(classifier, training, validation, parameters, Checkpoints(opt_ml.checkpoints), opt_ml.model).run()
    export(classifier, opt_ml.model / graph_name(epochs), parameters.sides, multi_label=parameters.multi_label)
    description = Description(
        graph_name(epochs),
        epochs,
        parameters.num_classes,
        parameters.multi_label,
        parameters.threads,
        parameters.image_shape[0],
    )
    describe(opt_ml.model, description, parameters.sides)
    logging.info("Kept: the network after %d epochs", epochs)


def _be_deterministic(threads: int) -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)


def _say(parameters: Hyperparameters, records: int) -> None:
    """What somebody who reads the log may not expect."""
    if records != parameters.num_training_samples:
        logging.warning("num_training_samples is %d, channel train holds %d", parameters.num_training_samples, records)
    if parameters.precision_dtype == "float16":
        logging.warning("precision_dtype float16: a CPU trains no faster with it; the training is in float32")


if __name__ == "__main__":
    train(run)
