"""What both built-in algorithms take, as AWS documents it: hyperparameters, channels, attributes, content types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import Surroundings

DEEP = ("18", "34", "50", "101", "152", "200")  # for pictures of 224 pixels
SMALL = ("20", "32", "44", "56", "110")  # for pictures of up to 28
SMALL_SIDE = 28
PRETRAINED_SIDE = 224
TRUTHS = ("0", "1")
WORDED_TRUTHS = ("True", "False", "true", "false")


@dataclass(frozen=True)
class Hyperparameter:
    """A value comes as text; `number` reads it, if it is one."""

    number: type[int] | type[float] | None = None
    least: float | None = None
    most: float | None = None
    allowed: tuple[str, ...] = ()

    def problem(self, text: str) -> str | None:
        if self.allowed:
            return None if text in self.allowed else f"it is {text!r}: one of {', '.join(self.allowed)}"
        if self.number is None:
            return None
        try:
            value = self.number(text)
        except ValueError:
            return f"it is {text!r}, not {'a whole number' if self.number is int else 'a number'}"
        if self.least is not None and not value >= self.least:
            return f"it is {text}: at least {self.least:g}"
        if self.most is not None and not value <= self.most:
            return f"it is {text}: at most {self.most:g}"
        return None


def _whole(least: int) -> Hyperparameter:
    return Hyperparameter(int, least)


def _share() -> Hyperparameter:
    return Hyperparameter(float, 0, 1)


def _one_of(*allowed: str) -> Hyperparameter:
    return Hyperparameter(allowed=allowed)


@dataclass(frozen=True)
class Algorithm:
    required: tuple[str, ...]
    hyperparameters: Mapping[str, Hyperparameter]
    required_channels: tuple[str, ...]
    channels: tuple[str, ...]
    attributes: tuple[str, ...]
    manifest_content_types: tuple[str, ...]
    checkpoints: bool
    on_gpu: bool


IMAGE_CLASSIFICATION = Algorithm(
    required=("num_classes", "num_training_samples"),
    hyperparameters={
        "num_classes": _whole(2),
        "num_training_samples": _whole(1),
        "num_layers": _one_of(*DEEP, *SMALL),
        "image_shape": Hyperparameter(),
        "multi_label": _one_of(*TRUTHS),
        "use_pretrained_model": _one_of(*TRUTHS),
        "use_weighted_loss": _one_of(*TRUTHS),
        "epochs": _whole(1),
        "mini_batch_size": _whole(1),
        "checkpoint_frequency": _whole(1),
        "resize": _whole(1),
        "top_k": _whole(2),
        "augmentation_type": _one_of("crop", "crop_color", "crop_color_transform"),
        "precision_dtype": _one_of("float32", "float16"),
        "optimizer": _one_of("sgd", "adam", "rmsprop", "nag"),
        "kv_store": _one_of("dist_sync", "dist_async"),
        "early_stopping": _one_of(*WORDED_TRUTHS),
        "early_stopping_min_epochs": _whole(1),
        "early_stopping_patience": _whole(1),
        "early_stopping_tolerance": _share(),
        "lr_scheduler_step": Hyperparameter(),
        **dict.fromkeys(
            ("learning_rate", "lr_scheduler_factor", "momentum", "weight_decay", "beta_1", "beta_2", "eps", "gamma"),
            _share(),
        ),
    },
    required_channels=("train", "validation"),
    channels=("train", "validation", "train_lst", "validation_lst", "model"),
    attributes=("source-ref", "class"),
    manifest_content_types=tuple(
        f"application/x-recordio; label-format={labels}" for labels in ("class-id", "multi-hot")
    ),
    checkpoints=True,
    on_gpu=True,
)

BLAZINGTEXT = Algorithm(
    required=("mode",),
    hyperparameters={
        "mode": _one_of("supervised", "skipgram", "cbow", "batch_skipgram"),
        "epochs": _whole(1),
        "min_count": _whole(0),
        "learning_rate": Hyperparameter(float, 0),
        "vector_dim": _whole(1),
        "word_ngrams": _whole(1),
        "buckets": _whole(1),
        "early_stopping": _one_of(*WORDED_TRUTHS),
        "patience": _whole(1),
        "min_epochs": _whole(1),
        **dict.fromkeys(("window_size", "batch_size", "negative_samples", "min_char", "max_char"), _whole(1)),
        "sampling_threshold": _share(),
        "subwords": _one_of(*WORDED_TRUTHS),
        "evaluation": _one_of(*WORDED_TRUTHS),
    },
    required_channels=("train",),
    channels=("train", "validation"),
    attributes=("source", "label"),
    manifest_content_types=("application/x-recordio",),
    checkpoints=False,
    on_gpu=False,
)

ALGORITHMS = {"image-classification": IMAGE_CLASSIFICATION, "blazingtext": BLAZINGTEXT}


def algorithm_name(image: Any) -> str | None:
    """`blazingtext` of `…/blazingtext:1`; None where the image is no built-in algorithm's that is known here."""
    repository = str(image).rsplit("/", 1)[-1].partition(":")[0]
    return repository if repository in ALGORITHMS else None


def check_hyperparameters(name: str, given: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Problem]:
    algorithm = ALGORITHMS[name]
    known = {key: surroundings.known(value) for key, value in given.items()}
    for missing in (each for each in algorithm.required if each not in given):
        yield missing, f"it is missing: {name} requires it"
    for key, value in known.items():
        if key not in algorithm.hyperparameters:
            yield key, f"{name} has no such hyperparameter"
        elif isinstance(value, str) and (problem := algorithm.hyperparameters[key].problem(value)):
            yield key, problem
    if algorithm is IMAGE_CLASSIFICATION:
        yield from _check_depth(known)


def _check_depth(known: Mapping[str, Any]) -> Iterator[Problem]:
    shape, layers = known.get("image_shape"), known.get("num_layers")
    if not isinstance(shape, str) or layers not in (*DEEP, *SMALL):
        return
    parts = shape.replace(" ", "").split(",")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        yield "image_shape", f"it is {shape!r}, not channels, height and width"
        return
    side = max(int(parts[1]), int(parts[2]))
    if known.get("use_pretrained_model") == "1" and (side != PRETRAINED_SIDE or layers not in DEEP):
        yield (
            "use_pretrained_model",
            f"pretrained weights are for {PRETRAINED_SIDE} pixels and {', '.join(DEEP)} layers",
        )
    fitting = SMALL if side <= SMALL_SIDE else DEEP
    if layers not in fitting:
        yield "num_layers", f"{layers} layers do not fit pictures of {side} pixels: {', '.join(fitting)} do"
