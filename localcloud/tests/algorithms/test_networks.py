from __future__ import annotations

import pytest
import torch
from torch import nn

from localcloud.algorithms.image_classification.hyperparameters import LARGE_LAYERS, SMALL_LAYERS
from localcloud.algorithms.image_classification.network import Classifier, from_scratch

# He et al., 2015, as torchvision publishes them, for a thousand classes.
PUBLISHED = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}


@pytest.mark.parametrize(("layers", "parameters"), PUBLISHED.items())
def test_a_network_has_as_many_parameters_as_the_published_one(layers: int, parameters: int) -> None:
    with torch.device("meta"):
        network = from_scratch(layers, 1000)
    assert sum(each.numel() for each in network.parameters()) == parameters


@pytest.mark.parametrize("layers", [*LARGE_LAYERS, *SMALL_LAYERS])
def test_num_layers_counts_the_layers_with_weights(layers: int) -> None:
    with torch.device("meta"):
        network = from_scratch(layers, 19)
    convolutions = [
        name for name, module in network.named_modules() if isinstance(module, nn.Conv2d) and "shortcut" not in name
    ]
    assert len(convolutions) + 1 == layers


def test_residual_branches_begin_at_zero_so_that_depth_does_no_harm() -> None:
    torch.manual_seed(0)
    network = from_scratch(110, 5)
    block = network.resnet.encoder.stages[0].layers[0]
    pictures = torch.rand(2, 16, 7, 7)
    assert torch.equal(block.layer(pictures), torch.zeros(2, 16, 7, 7))


def test_a_picture_is_normalised_before_the_network_sees_it() -> None:
    inputs: list[torch.Tensor] = []

    class Eye(nn.Module):
        def forward(self, pictures: torch.Tensor, **_: bool) -> tuple[torch.Tensor]:
            inputs.append(pictures)
            return (pictures,)

    Classifier(Eye())(torch.tensor([124, 116, 104], dtype=torch.uint8).reshape(1, 3, 1, 1))
    assert inputs[0].abs().max() < 0.02
