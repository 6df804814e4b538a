"""What both built-in algorithms take, as AWS documents it: hyperparameters, channels, attributes, content types."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.definition.document import NUMBER, WHOLE
from pipeline.definition.validation.finding import Problem
from pipeline.definition.validation.stand_ins import Surroundings

DEEP = ("18", "34", "50", "101", "152", "200")  # for pictures of 224 pixels
SMALL = ("20", "32", "44", "56", "110")  # for pictures of up to 28
SMALL_SIDE = 28
PRETRAINED_SIDE = 224
TRUTHS = ("0", "1")
WORDED_TRUTHS = ("True", "False", "true", "false")
GPU_FAMILIES = ("ml.p", "ml.g")
RECORDIO = "application/x-recordio"
LABELLED = tuple(f"{RECORDIO}; label-format={labels}" for labels in ("class-id", "multi-hot"))


@dataclass(frozen=True)
class Hyperparameter:
    """A value comes as text: `takes` says whether it will do, `wanted` what would."""

    wanted: str
    takes: Callable[[str], bool]


def _whole(least: int) -> Hyperparameter:
    return Hyperparameter(
        f"a whole number of at least {least}", lambda text: WHOLE.fullmatch(text) is not None and int(text) >= least
    )


def _number(wanted: str, takes: Callable[[float], bool]) -> Hyperparameter:
    return Hyperparameter(wanted, lambda text: NUMBER.fullmatch(text) is not None and takes(float(text)))


def _share() -> Hyperparameter:
    return _number("a number from 0 to 1", lambda value: 0 <= value <= 1)


def _positive() -> Hyperparameter:
    return _number("a number above 0", lambda value: 0 < value < math.inf)


def _one_of(*allowed: str) -> Hyperparameter:
    return Hyperparameter(f"one of {', '.join(allowed)}", allowed.__contains__)


def _of_form(pattern: str, wanted: str) -> Hyperparameter:
    return Hyperparameter(wanted, lambda text: re.fullmatch(pattern, text, re.ASCII) is not None)


@dataclass(frozen=True)
class Algorithm:
    required: tuple[str, ...]
    hyperparameters: Mapping[str, Hyperparameter]
    required_channels: tuple[str, ...]
    channels: tuple[str, ...]
    attributes: tuple[str, ...]
    checkpoints: bool


IMAGE_CLASSIFICATION = Algorithm(
    required=("num_classes", "num_training_samples"),
    hyperparameters={
        "num_classes": _whole(2),
        "num_training_samples": _whole(1),
        "num_layers": _one_of(*DEEP, *SMALL),
        "image_shape": _of_form(r"[1-9]\d*( *, *[1-9]\d*){2}", "channels, height and width, such as 3,224,224"),
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
        "lr_scheduler_step": _of_form(r"\d+( *, *\d+)*", "epochs with commas between them, such as 10,20"),
        **dict.fromkeys(
            ("learning_rate", "lr_scheduler_factor", "momentum", "weight_decay", "beta_1", "beta_2", "eps", "gamma"),
            _share(),
        ),
    },
    required_channels=("train", "validation"),
    channels=("train", "validation", "train_lst", "validation_lst", "model"),
    attributes=("source-ref", "class"),
    checkpoints=True,
)

BLAZINGTEXT = Algorithm(
    required=("mode",),
    hyperparameters={
        "mode": _one_of("supervised", "skipgram", "cbow", "batch_skipgram"),
        "epochs": _whole(1),
        "min_count": _whole(0),
        "learning_rate": _positive(),
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
    checkpoints=False,
)

# What the image algorithm takes where it is told nothing, as far as other hyperparameters must fit it.
IMAGE_DEFAULTS = {"num_layers": "152", "image_shape": "3,224,224", "mini_batch_size": "32", "epochs": "30"}
# Pairs of a hyperparameter and one that is at least as large.
ORDERED = (
    ("mini_batch_size", "num_training_samples"),
    ("checkpoint_frequency", "epochs"),
    ("top_k", "num_classes"),
)
ALGORITHMS = {"image-classification": IMAGE_CLASSIFICATION, "blazingtext": BLAZINGTEXT}


def algorithm_name(image: Any) -> str | None:
    """`blazingtext` of `…/blazingtext:1`; None where the image is no built-in algorithm's that is known here."""
    repository = str(image).rsplit("/", 1)[-1].partition(":")[0]
    return repository if repository in ALGORITHMS else None


def manifest_content_types(name: str, multi_label: Any) -> tuple[str, ...]:
    """As what a manifest's records may come; with several labels the image algorithm is told in which form they are."""
    if name == "blazingtext" or multi_label == "0":
        return (RECORDIO,)
    return LABELLED if multi_label == "1" else (*LABELLED, RECORDIO)


def check_hyperparameters(name: str, given: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Problem]:
    algorithm = ALGORITHMS[name]
    for missing in (each for each in algorithm.required if each not in given):
        yield missing, f"it is missing: {name} requires it"
    fitting = dict[str, str]()
    for key, value in ((key, surroundings.known(value)) for key, value in given.items()):
        if key not in algorithm.hyperparameters:
            yield key, f"{name} has no such hyperparameter"
        elif isinstance(value, str) and not algorithm.hyperparameters[key].takes(value):
            yield key, f"it is {value!r}, not {algorithm.hyperparameters[key].wanted}"
        elif isinstance(value, str):
            fitting[key] = value
    if algorithm is IMAGE_CLASSIFICATION:
        assumed = {key: value for key, value in IMAGE_DEFAULTS.items() if key not in given}
        yield from _check_together({**assumed, **fitting})


def _check_together(known: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong between hyperparameters that are each right; what is not known is taken to fit."""
    for less, more in ORDERED:
        if less in known and more in known and int(known[less]) > int(known[more]):
            yield less, f"it is {known[less]}, more than {more}, which is {known[more]}"
    if "image_shape" not in known:
        return
    side = max(int(part) for part in known["image_shape"].split(",")[1:])
    if int(known.get("resize", side)) < side:
        yield "resize", f"it is {known['resize']}, less than the {side} pixels of image_shape"
    if "num_layers" in known:
        yield from _check_depth(side, known["num_layers"], known.get("use_pretrained_model") == "1")


def _check_depth(side: int, layers: str, is_pretrained: bool) -> Iterator[Problem]:
    if is_pretrained and (side != PRETRAINED_SIDE or layers not in DEEP):
        yield (
            "use_pretrained_model",
            f"pretrained weights are for {PRETRAINED_SIDE} pixels and {', '.join(DEEP)} layers",
        )
    fitting = SMALL if side <= SMALL_SIDE else DEEP
    if layers not in fitting:
        yield "num_layers", f"{layers} layers do not fit pictures of {side} pixels: {', '.join(fitting)} do"
