"""A channel as batches of decoded pictures with their labels.

Pictures are decoded as they stream; what fits into CACHE_BYTES stays decoded from the first epoch on, the rest is
decoded again each epoch. So memory does not grow with the data beyond that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.image_classification.augmentation import Picture, augmented, middle
from localcloud.algorithms.image_classification.decoding import PictureError, decoded, resized
from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters
from localcloud.algorithms.image_classification.labels import LabelError, Target, target
from localcloud.channels import Channel, Manifest

CACHE_BYTES = 256 * 2**20
CONTENT_TYPES = ("application/x-recordio", "application/x-image")


class Batch(NamedTuple):
    """`pictures` is `(n, height, width, 3)` uint8, `targets` `(n, num_classes)` float32."""

    pictures: NDArray[np.uint8]
    targets: NDArray[np.float32]


class _Sample(NamedTuple):
    picture: Picture
    target: Target


class Pictures:
    """The pictures of one channel. `len` is their number."""

    def __init__(self, channel: Channel, parameters: Hyperparameters) -> None:
        """Raises ClientError for a channel that is not fed as the algorithm reads it."""
        _check(channel)
        self._manifest = Manifest(channel)
        self._parameters = parameters
        self._class_ids = channel.content_parameters.get("label-format") == "class-id"
        self._cache: dict[int, _Sample] = {}
        self._room = CACHE_BYTES
        if not len(self):
            raise ClientError(f"channel {channel.name} holds no record")

    def __len__(self) -> int:
        return len(self._manifest)

    def training_batches(self, epoch: int, seed: int) -> Iterator[Batch]:
        """Batches of mini_batch_size; what the last one lacks comes from the beginning of the epoch.

        Raises ClientError naming the record that cannot be used.
        """
        size, order = self._parameters.mini_batch_size, list(self._manifest.order(epoch))
        order += order[: -len(order) % size]
        kind, sides = self._parameters.augmentation_type, self._parameters.sides
        for numbers in _slices(order, size):
            samples = [self._sample(number) for number in numbers]
            if kind is None:
                yield _batch([middle(sample.picture, sides) for sample in samples], samples)
                continue
            draws = [np.random.default_rng((seed, epoch, number)) for number in numbers]
            yield _batch(
                [augmented(sample.picture, sides, kind, draw) for sample, draw in zip(samples, draws, strict=True)],
                samples,
            )

    def validation_batches(self) -> Iterator[Batch]:
        """Every picture once, in the order of the file, its middle."""
        for numbers in _slices(range(len(self)), self._parameters.mini_batch_size):
            samples = [self._sample(number) for number in numbers]
            yield _batch([middle(sample.picture, self._parameters.sides) for sample in samples], samples)

    def _sample(self, number: int) -> _Sample:
        if number in self._cache:
            return self._cache[number]
        sample = self._read(number)
        if sample.picture.nbytes <= self._room:
            self._room -= sample.picture.nbytes
            self._cache[number] = sample
        return sample

    def _read(self, number: int) -> _Sample:
        image, label = self._manifest.record(number)
        parameters = self._parameters
        try:
            return _Sample(
                _large_enough(_decoded(image, parameters), parameters.sides),
                target(label, parameters.num_classes, multi_label=parameters.multi_label, class_ids=self._class_ids),
            )
        except (PictureError, LabelError) as error:
            raise ClientError(f"{self._manifest.where(number)}: {error}") from None


def _decoded(data: bytes, parameters: Hyperparameters) -> Picture:
    """As `(height, width, 3)`, grey where image_shape has one channel, the shorter side scaled to `resize` if given."""
    image = decoded(data, parameters.image_shape[0])
    return np.asarray(image if parameters.resize is None else resized(image, parameters.resize))


def _large_enough(picture: Picture, sides: tuple[int, int]) -> Picture:
    height, width = picture.shape[:2]
    if height < sides[0] or width < sides[1]:
        raise PictureError(
            f"the picture has {width} by {height} pixels, smaller than image_shape's {sides[1]} by {sides[0]}"
        )
    return picture


def _check(channel: Channel) -> None:
    if channel.media_type not in CONTENT_TYPES:
        raise ClientError(
            f"channel {channel.name} has the ContentType {channel.content_type!r}; "
            f"Image Classification reads {' or '.join(CONTENT_TYPES)}"
        )
    names = channel.attributes
    if channel.is_manifest and not (len(names) == 2 and names[0].endswith("-ref") and not names[1].endswith("-ref")):
        raise ClientError(
            f"channel {channel.name} has the AttributeNames {list(names)}; Image Classification reads the image first, "
            f'then the label, as in ["source-ref", "class"]'
        )


def _slices(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def _batch(pictures: list[Picture], samples: list[_Sample]) -> Batch:
    return Batch(np.stack(pictures), np.stack([sample.target for sample in samples]))
