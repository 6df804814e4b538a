"""Image Classification's hyperparameters, with the names, types, ranges and defaults of its documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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

LARGE_LAYERS = (18, 34, 50, 101, 152, 200)
SMALL_LAYERS = (20, 32, 44, 56, 110)
PRETRAINED_SIDE = 224
SMALL_SIDE = 28
# A hyperparameter, one that is at least as large, and what is said where it is not.
ORDERED = (
    ("mini_batch_size", "num_training_samples", "and {} samples are fewer than one mini_batch_size; lower it"),
    ("checkpoint_frequency", "epochs", "but there are {} epochs"),
    ("top_k", "num_classes", "but there are {} classes"),
)


def _shape(text: str) -> tuple[int, int, int]:
    """`3,224,224`: channels, height, width."""
    parts = re.fullmatch(r"([13]) *, *([1-9]\d{0,8}) *, *([1-9]\d{0,8})", text, re.ASCII)
    if parts is None:
        raise ValueError("channels (3, or 1 for grey), height and width, such as 3,224,224")
    return int(parts[1]), int(parts[2]), int(parts[3])


def _epochs(text: str) -> tuple[int, ...]:
    """`10,20`: the epochs at which the learning rate falls."""
    if not re.fullmatch(r"\d{1,9}( *, *\d{1,9})*", text, re.ASCII):
        raise ValueError("epochs separated by commas, as in 10,20")
    return tuple(map(int, text.split(",")))


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
    resize: int | None = hyperparameter(whole(1), default=None)

    early_stopping: bool = hyperparameter(true_or_false, default=False)
    early_stopping_min_epochs: int = hyperparameter(whole(1), default=10)
    early_stopping_patience: int = hyperparameter(whole(1), default=5)
    early_stopping_tolerance: float = hyperparameter(real(0, 1), default=0.0)
    checkpoint_frequency: int | None = hyperparameter(whole(1), default=None)
    top_k: int | None = hyperparameter(whole(2), default=None)
    kv_store: str | None = hyperparameter(choice("dist_sync", "dist_async"), default=None)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Hyperparameters:
        """Raises ClientError for what the algorithm, or this emulator of it, refuses."""
        parameters = read(cls, values, ALGORITHM)
        for refusal in parameters._untrainable():
            raise ClientError(refusal)
        return parameters

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width."""
        return self.image_shape[1:]

    @property
    def threads(self) -> int:
        """How many compute the network. Two take turns at the small ones' little steps for twice the work in all."""
        from localcloud.algorithms.training_container import THREADS  # an algorithm's, not a definition's

        return 1 if self.num_layers in SMALL_LAYERS else THREADS

    def _untrainable(self) -> Iterator[str]:
        """What this emulator cannot train, although nothing is documented of it."""
        if self.optimizer == "adam" and 1 in (self.beta_1, self.beta_2):
            yield "with a beta_1 or beta_2 of 1 adam never takes a step; lower it"
        if self.use_weighted_loss:
            yield "use_weighted_loss fails with an augmented manifest (pos_cls_weights); set it to 0"
        reach = 16 if self.num_layers in SMALL_LAYERS else 32  # so many pixels become one at the network's end
        if self.mini_batch_size == 1 and max(self.sides) <= reach:
            yield (
                f"with mini_batch_size 1 a picture of {reach} pixels or fewer leaves batch normalisation one value, "
                f"which has no variance; raise mini_batch_size"
            )

    @staticmethod
    def together(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong between hyperparameters that are each right."""
        for less, more, sentence in ORDERED:
            if None not in (values.get(less), values.get(more)) and values[less] > values[more]:
                yield less, f"{less} is {values[less]}, {sentence.format(values[more])}"
        if "image_shape" not in values:
            return
        side = max(values["image_shape"][1:])
        if (values.get("resize") or side) < side:
            yield "resize", f"resize is {values['resize']}, smaller than a side of image_shape; raise it"
        if "num_layers" in values:
            yield from _depth(side, values["num_layers"], bool(values.get("use_pretrained_model")))


def _depth(side: int, layers: int, is_pretrained: bool) -> Iterator[tuple[str, str]]:
    if is_pretrained and (side != PRETRAINED_SIDE or layers not in LARGE_LAYERS):
        yield (
            "use_pretrained_model",
            f"pretrained models are of 3,{PRETRAINED_SIDE},{PRETRAINED_SIDE} and num_layers "
            f"{', '.join(map(str, LARGE_LAYERS))}; set use_pretrained_model to 0",
        )
    fitting = SMALL_LAYERS if side <= SMALL_SIDE else LARGE_LAYERS
    if layers not in fitting:
        yield (
            "num_layers",
            f"num_layers is {layers}, and for pictures of {side} pixels it is {', '.join(map(str, fitting))}",
        )
