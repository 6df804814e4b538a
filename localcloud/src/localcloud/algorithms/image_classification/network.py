"""The networks, by num_layers, and what they see of a picture."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import ResNetConfig, ResNetForImageClassification

from localcloud.algorithms.image_classification.hyperparameters import SMALL_LAYERS

# He et al., 2015 (arXiv:1512.03385), table 1; 200 layers are of He et al., 2016 (arXiv:1603.05027).
_DEPTHS = {
    18: ("basic", [2, 2, 2, 2]),
    34: ("basic", [3, 4, 6, 3]),
    50: ("bottleneck", [3, 4, 6, 3]),
    101: ("bottleneck", [3, 4, 23, 3]),
    152: ("bottleneck", [3, 8, 36, 3]),
    200: ("bottleneck", [3, 24, 36, 3]),
}
_WIDTHS = {"basic": [64, 128, 256, 512], "bottleneck": [256, 512, 1024, 2048]}

# Of ImageNet's pictures, in [0, 255]: what the pretrained networks were trained with.
MEAN = (123.675, 116.28, 103.53)
DEVIATION = (58.395, 57.12, 57.375)


def configuration(layers: int, classes: int) -> Any:
    """The ResNetConfig of a network of so many layers.

    The small ones are the three stages of the CIFAR networks behind the stem of the large ones, whose early
    downsampling makes them four times as fast and, on pictures of 28 pixels, no worse.
    """
    shared = {"num_labels": classes, "problem_type": "multi_label_classification"}
    if layers in SMALL_LAYERS:
        depth = (layers - 2) // 6
        return ResNetConfig(
            embedding_size=16, hidden_sizes=[16, 32, 64], depths=[depth] * 3, layer_type="basic", **shared
        )
    kind, depths = _DEPTHS[layers]
    return ResNetConfig(embedding_size=64, hidden_sizes=_WIDTHS[kind], depths=depths, layer_type=kind, **shared)


def from_scratch(layers: int, classes: int) -> Any:
    """A network with random weights, whose residual branches begin at zero (Goyal et al., 2017, arXiv:1706.02677)."""
    network = ResNetForImageClassification(configuration(layers, classes))
    for stage in network.resnet.encoder.stages:
        for block in stage.layers:
            nn.init.zeros_(block.layer[-1].normalization.weight)
    return network


class Classifier(nn.Module):
    """A network behind its normalisation: `(n, 3, height, width)` pictures in [0, 255] to `(n, classes)` logits."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        logits: Tensor = self.network((pictures.float() - self.mean) / self.deviation, return_dict=False)[0]
        return logits


class Probabilities(nn.Module):
    """What is served: a classifier's logits as probabilities, independent ones or a distribution."""

    def __init__(self, classifier: Classifier, *, multi_label: bool) -> None:
        super().__init__()
        self.classifier = classifier
        self.multi_label = multi_label

    def forward(self, pictures: Tensor) -> Tensor:
        logits = self.classifier(pictures)
        return torch.sigmoid(logits) if self.multi_label else torch.softmax(logits, dim=-1)
