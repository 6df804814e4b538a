"""The network: a picture's and a caption's features, fused so that what lies between them can be learnt.

    fused = tanh(U picture) * tanh(V caption)      element by element: each is a product of both (low-rank bilinear)
    head h = softmax(W_h [fused, picture, caption])

Kim et al., "Hadamard Product for Low-rank Bilinear Pooling", 2017. A sum of both, as a linear layer over their
concatenation is, cannot tell a class that neither of them tells alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

FEATURES = 64


class SmallImageEncoder(nn.Module):
    """Three convolutions, for standard pictures from 16 pixels up, when there is no encoder to begin with."""

    width = FEATURES

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *self._block(3, 16), nn.MaxPool2d(2), *self._block(16, 32), nn.MaxPool2d(2), *self._block(32, FEATURES)
        )

    @staticmethod
    def _block(channels: int, filters: int) -> tuple[nn.Module, ...]:
        return nn.Conv2d(channels, filters, 3, padding=1), nn.BatchNorm2d(filters), nn.ReLU()

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return `(n, FEATURES)` of `(n, 3, side, side)` pixels in [0, 1]: the mean and no place."""
        features: torch.Tensor = self.layers(pictures - 0.5).mean(dim=(2, 3))
        return features


class SmallTextEncoder(nn.Module):
    """The mean of a vector a word, when there is no encoder to begin with; word 0 stands for all unknown ones."""

    width = FEATURES

    def __init__(self, words: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(words + 1, FEATURES, padding_idx=0)

    def forward(self, captions: torch.Tensor) -> torch.Tensor:
        """Return `(n, FEATURES)` of `(n, longest)` word numbers, filled up with 0."""
        known = (captions > 0).sum(dim=1, keepdim=True).clamp(min=1)
        features: torch.Tensor = self.vectors(captions).sum(dim=1) / known.sqrt()
        return features


class JointClassifier(nn.Module):
    """Both encoders and a softmax a head over their fusion. `heads` has each head's number of classes, in order."""

    def __init__(self, image: nn.Module, text: nn.Module, heads: Sequence[int], rank: int = 64) -> None:
        super().__init__()
        self.image, self.text = image, text
        widths = int(image.width), int(text.width)  # type: ignore[arg-type]  # an encoder says how wide it answers
        self.from_image, self.from_text = nn.Linear(widths[0], rank), nn.Linear(widths[1], rank)
        self.heads = nn.ModuleList(nn.Linear(rank + sum(widths), classes) for classes in heads)

    def forward(self, pictures: object, captions: object) -> list[torch.Tensor]:
        """Return the `(n, classes)` logits of each head."""
        image, text = self.image(pictures), self.text(captions)
        fused = torch.tanh(self.from_image(image)) * torch.tanh(self.from_text(text))
        features = torch.cat([fused, image, text], dim=1)
        return [head(features) for head in self.heads]

    @torch.no_grad()
    def probabilities(self, pictures: object, captions: object) -> torch.Tensor:
        """Return `(n, all classes)`, the heads side by side, each of them summing to 1."""
        return torch.cat([logits.softmax(dim=1) for logits in self(pictures, captions)], dim=1)


def class_counts(heads: Mapping[str, Sequence[str]]) -> list[int]:
    return [len(classes) for classes in heads.values()]
