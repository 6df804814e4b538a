"""The weights that training begins with.

    the channel `model`         of an earlier training (incremental training)
    use_pretrained_model 1      of ImageNet: the folder resnet-LAYERS in LOCALCLOUD_PRETRAINED_MODELS, as transformers
                                saves it; without that variable microsoft/resnet-LAYERS of the Hugging Face hub, at
                                one commit: REVISIONS', or the one that LOCALCLOUD_PRETRAINED_REVISION names
    neither                     none

Where pretrained weights are asked for and cannot be had, training begins from scratch and the log says so.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from transformers import ResNetForImageClassification
from transformers.utils.logging import disable_progress_bar

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.image_classification.artifact import ArtifactError, weights
from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters
from localcloud.algorithms.image_classification.network import configuration, from_scratch
from localcloud.channels import Channel

MODELS = "LOCALCLOUD_PRETRAINED_MODELS"
REVISION = "LOCALCLOUD_PRETRAINED_REVISION"
REVISIONS = {50: "34c2154c194f829b11125337b98c8f5f9965ff19"}
"""Commits on the hub by layers: a branch may hold other weights tomorrow."""


def network(parameters: Hyperparameters, earlier: Channel | None) -> Any:
    """The network with which training begins. `earlier` is the channel `model`. Raises ClientError."""
    if earlier is not None:
        return _continued(parameters, earlier)
    if parameters.use_pretrained_model:
        pretrained = _pretrained(parameters.num_layers, parameters.num_classes)
        if pretrained is not None:
            return pretrained
        logging.warning("Training from scratch: use_pretrained_model is 1, but there are no pretrained weights here")
    return from_scratch(parameters.num_layers, parameters.num_classes)


def _continued(parameters: Hyperparameters, earlier: Channel) -> Any:
    continued = from_scratch(parameters.num_layers, parameters.num_classes)
    (archive, *_) = earlier.files()
    try:
        # All but the counters of batches, which a graph does not hold and nothing here reads.
        counters = {name: value for name, value in continued.state_dict().items() if name.endswith("batches_tracked")}
        continued.load_state_dict({**counters, **weights(archive)})
    except ArtifactError as error:
        raise ClientError(
            f"channel {earlier.name}: {archive.name} is no model of an earlier training: {error}"
        ) from None
    except RuntimeError:
        raise ClientError(
            f"channel {earlier.name}: {archive.name} is a model of other num_layers or num_classes than this "
            f"training's {parameters.num_layers} and {parameters.num_classes}"
        ) from None
    logging.info("Training goes on from the model in channel %s", earlier.name)
    return continued


def _pretrained(layers: int, classes: int) -> Any | None:
    """With a new last layer for the classes. A cached copy comes before the hub."""
    local, revision = os.environ.get(MODELS), os.environ.get(REVISION) or REVISIONS.get(layers)
    if not local and revision is None:
        logging.info("No commit of microsoft/resnet-%d is known here; name one by %s", layers, REVISION)
        return None
    name = str(Path(local) / f"resnet-{layers}") if local else f"microsoft/resnet-{layers}"
    disable_progress_bar()
    for cached in (True,) if local else (True, False):
        try:
            network = ResNetForImageClassification.from_pretrained(
                name,
                config=configuration(layers, classes),
                ignore_mismatched_sizes=True,
                local_files_only=cached,
                **({} if local else {"revision": revision}),
            )
        except OSError as error:
            logging.info("No pretrained weights in %s: %s", name, str(error).splitlines()[0])
        else:
            logging.info("Pretrained weights: %s", name)
            return network
    return None
