"""Image Classification's hyperparameters, with the names, types, ranges and defaults of its documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.hyperparameters import (
    choice,
    choice_of_whole,
    hyperparameter,
    read,
    real,
    true_or_false,
    whole,
    zero_or_one,
)
from localcloud.algorithms.image_classification import ALGORITHM
from localcloud.algorithms.training_container import THREADS

LARGE_LAYERS = (18, 34, 50, 101, 152, 200)
SMALL_LAYERS = (20, 32, 44, 56, 110)
PRETRAINED_SIDE = 224
MIN_SIDE, MAX_SIDE = 8, 4096


def _shape(text: str) -> tuple[int, int, int]:
    """`3,224,224`: channels, height, width."""
    allowed = f"3,HEIGHT,WIDTH with sides from {MIN_SIDE} to {MAX_SIDE} pixels"
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        raise ValueError(allowed)
    channels, height, width = map(int, parts)
    if channels != 3 or not MIN_SIDE <= min(height, width) <= max(height, width) <= MAX_SIDE:
        raise ValueError(allowed)
    return channels, height, width


def _epochs(text: str) -> tuple[int, ...]:
    """`10,20`: the epochs at which the learning rate falls."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise ValueError("epochs separated by commas, as in 10,20")
    return tuple(map(int, parts))


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    num_classes: int = hyperparameter(whole(1))
    num_training_samples: int = hyperparameter(whole(1))

    num_layers: int = hyperparameter(choice_of_whole(*LARGE_LAYERS, *SMALL_LAYERS), default=152)
    image_shape: tuple[int, int, int] = hyperparameter(_shape, default=(3, 224, 224))
    multi_label: bool = hyperparameter(zero_or_one, default=False)
    use_pretrained_model: bool = hyperparameter(zero_or_one, default=False)
    use_weighted_loss: bool = hyperparameter(zero_or_one, default=False)
    precision_dtype: str = hyperparameter(choice("float32", "float16"), default="float32")

    epochs: int = hyperparameter(whole(1), default=30)
    mini_batch_size: int = hyperparameter(whole(1), default=32)
    optimizer: str = hyperparameter(choice("sgd", "adam", "rmsprop", "nag"), default="sgd")
    learning_rate: float = hyperparameter(real(0, 1), default=0.1)
    lr_scheduler_factor: float = hyperparameter(real(0, 1), default=0.1)
    lr_scheduler_step: tuple[int, ...] = hyperparameter(_epochs, default=())
    momentum: float = hyperparameter(real(0, 1), default=0.9)
    weight_decay: float = hyperparameter(real(0, 1), default=0.0001)
    beta_1: float = hyperparameter(real(0, 1), default=0.9)
    beta_2: float = hyperparameter(real(0, 1), default=0.999)
    gamma: float = hyperparameter(real(0, 1), default=0.9)
    eps: float = hyperparameter(real(0, 1), default=1e-8)

    augmentation_type: str | None = hyperparameter(choice("crop", "crop_color", "crop_color_transform"), default=None)
    resize: int | None = hyperparameter(whole(1, MAX_SIDE), default=None)

    early_stopping: bool = hyperparameter(true_or_false, default=False)
    early_stopping_min_epochs: int = hyperparameter(whole(1), default=10)
    early_stopping_patience: int = hyperparameter(whole(1), default=5)
    early_stopping_tolerance: float = hyperparameter(real(0, 1), default=0.0)
    checkpoint_frequency: int | None = hyperparameter(whole(1), default=None)
    top_k: int | None = hyperparameter(whole(2), default=None)
    kv_store: str | None = hyperparameter(choice("dist_sync", "dist_async"), default=None)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Hyperparameters:
        """Raises ClientError for what the algorithm refuses, alone or together."""
        parameters = read(cls, given, ALGORITHM)
        for refusal in parameters._refusals():
            raise ClientError(refusal)
        return parameters

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width."""
        return self.image_shape[1:]

    @property
    def threads(self) -> int:
        """How many compute the network. Two take turns at the small ones' little steps for twice the work in all."""
        return 1 if self.num_layers in SMALL_LAYERS else THREADS

    def _refusals(self) -> Iterator[str]:
        """What is wrong between hyperparameters that are each right."""
        if self.num_training_samples < self.mini_batch_size:
            yield (
                f"num_training_samples is {self.num_training_samples}, fewer than one mini_batch_size of "
                f"{self.mini_batch_size}; lower mini_batch_size"
            )
        if self.optimizer == "adam" and 1 in (self.beta_1, self.beta_2):
            yield "with a beta_1 or beta_2 of 1 adam never takes a step; lower it"
        if self.use_weighted_loss:
            yield "use_weighted_loss fails with an augmented manifest (pos_cls_weights); set it to 0"
        if self.checkpoint_frequency is not None and self.checkpoint_frequency > self.epochs:
            yield f"checkpoint_frequency is {self.checkpoint_frequency}, but there are {self.epochs} epochs"
        if self.top_k is not None and self.top_k > self.num_classes:
            yield f"top_k is {self.top_k}, but there are {self.num_classes} classes"
        yield from self._refusals_of_the_shape()

    def _refusals_of_the_shape(self) -> Iterator[str]:
        shape_and_layers = self.sides == (PRETRAINED_SIDE, PRETRAINED_SIDE) and self.num_layers in LARGE_LAYERS
        if self.use_pretrained_model and not shape_and_layers:
            yield (
                f"pretrained models are of 3,{PRETRAINED_SIDE},{PRETRAINED_SIDE} and num_layers "
                f"{', '.join(map(str, LARGE_LAYERS))}; set use_pretrained_model to 0"
            )
        if self.resize is not None and self.resize < max(self.sides):
            yield f"resize is {self.resize}, smaller than a side of image_shape; raise it"
        reach = 16 if self.num_layers in SMALL_LAYERS else 32  # so many pixels become one at the network's end
        if self.mini_batch_size == 1 and max(self.sides) <= reach:
            yield (
                f"with mini_batch_size 1 a picture of {reach} pixels or fewer leaves batch normalisation one value, "
                f"which has no variance; raise mini_batch_size"
            )
