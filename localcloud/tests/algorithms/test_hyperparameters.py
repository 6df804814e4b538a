from __future__ import annotations

from typing import Any

import pytest

from localcloud.algorithms.blazingtext.hyperparameters import Hyperparameters as TextHyperparameters
from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters as ImageHyperparameters

REQUIRED = {"num_classes": "19", "num_training_samples": "5600"}


def image(**changes: str) -> ImageHyperparameters:
    return ImageHyperparameters.of({**REQUIRED, **changes})


def test_the_pipelines_own_hyperparameters_are_taken() -> None:
    read = image(
        num_layers="50",
        epochs="30",
        multi_label="1",
        use_pretrained_model="1",
        mini_batch_size="32",
        learning_rate="0.01",
        augmentation_type="crop_color_transform",
        precision_dtype="float32",
        image_shape="3,224,224",
    )
    assert (read.num_layers, read.multi_label, read.learning_rate) == (50, True, 0.01)
    assert read.sides == (224, 224)


def test_defaults_are_those_of_the_documentation() -> None:
    read = image()
    assert (read.optimizer, read.momentum, read.weight_decay, read.num_layers) == ("sgd", 0.9, 0.0001, 152)
    text = TextHyperparameters.of({"mode": "supervised"})
    assert (text.learning_rate, text.vector_dim, text.word_ngrams, text.buckets) == (0.05, 100, 2, 2_000_000)


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_a_missing_required_hyperparameter_is_named(missing: str) -> None:
    with pytest.raises(ClientError, match=f"requires the hyperparameter {missing}"):
        ImageHyperparameters.of({name: value for name, value in REQUIRED.items() if name != missing})


def test_blazingtext_requires_its_mode() -> None:
    with pytest.raises(ClientError, match="requires the hyperparameter mode"):
        TextHyperparameters.of({"epochs": "10"})


def test_an_unknown_hyperparameter_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(ClientError, match="no hyperparameter 'learning_rte'; did you mean 'learning_rate'"):
        image(learning_rte="0.1")


def test_blazingtext_has_no_loss() -> None:
    with pytest.raises(ClientError, match="no hyperparameter 'loss'"):
        TextHyperparameters.of({"mode": "supervised", "loss": "ova"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_layers", "51"),
        ("epochs", "0"),
        ("epochs", "3.5"),
        ("epochs", "three"),
        ("epochs", "²"),
        ("epochs", "2147483648"),
        ("epochs", "9" * 5_000),
        ("learning_rate", "1.5"),
        ("learning_rate", "nan"),
        ("momentum", "-0.1"),
        ("optimizer", "lion"),
        ("multi_label", "True"),
        ("early_stopping", "1"),
        ("image_shape", "224,224"),
        ("image_shape", "2,28,28"),
        ("image_shape", "3,0,28"),
        ("early_stopping", "TRUE"),
        ("learning_rate", "0_1"),
        ("augmentation_type", "flip"),
        ("precision_dtype", "bfloat16"),
        ("lr_scheduler_step", "10;20"),
        ("top_k", "1"),
    ],
)
def test_a_value_outside_its_range_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ClientError, match=f"the hyperparameter {name} is '{value}', but must be"):
        image(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "ova"),
        ("epochs", "0"),
        ("min_count", "-1"),
        ("buckets", "2147483648"),
        ("learning_rate", "0"),
        ("early_stopping", "yes"),
    ],
)
def test_blazingtext_refuses_a_value_outside_its_range(name: str, value: str) -> None:
    with pytest.raises(ClientError, match=f"the hyperparameter {name} is '{value}'"):
        TextHyperparameters.of({"mode": "supervised", name: value})


def test_word_vectors_are_not_trained_here_and_it_says_so() -> None:
    with pytest.raises(ClientError, match="mode skipgram makes word vectors"):
        TextHyperparameters.of({"mode": "skipgram"})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"num_training_samples": "31", "mini_batch_size": "32"}, "fewer than one mini_batch_size"),
        ({"use_pretrained_model": "1", "image_shape": "3,28,28", "num_layers": "50"}, "pretrained models are of 3,224"),
        ({"use_pretrained_model": "1", "num_layers": "20"}, "pretrained models are of"),
        ({"use_weighted_loss": "1"}, "pos_cls_weights"),
        ({"mini_batch_size": "1", "image_shape": "3,8,16", "num_layers": "20"}, "of 16 pixels or fewer"),
        ({"mini_batch_size": "1", "image_shape": "3,32,32", "num_layers": "18"}, "of 32 pixels or fewer"),
        ({"image_shape": "3,28,28", "num_layers": "18"}, "num_layers is 18, and for pictures of 28 pixels"),
        ({"num_layers": "20"}, "num_layers is 20, and for pictures of 224 pixels"),
        ({"optimizer": "adam", "beta_1": "1"}, "adam never takes a step"),
        ({"optimizer": "adam", "beta_2": "1.0"}, "adam never takes a step"),
        ({"resize": "200"}, "smaller than a side of image_shape"),
        ({"checkpoint_frequency": "31"}, "there are 30 epochs"),
        ({"top_k": "20"}, "there are 19 classes"),
    ],
)
def test_values_that_do_not_go_together_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        image(**changes)


def test_what_the_algorithms_page_allows_is_taken() -> None:
    read = image(
        num_classes="1", resize="9999", epochs="+3", image_shape="1,28,28", num_layers="20", early_stopping="True"
    )
    assert (read.num_classes, read.resize, read.epochs, read.image_shape) == (1, 9999, 3, (1, 28, 28))
    assert read.early_stopping


def test_learning_rate_falls_at_the_epochs_that_are_listed() -> None:
    assert image(lr_scheduler_step="10, 20").lr_scheduler_step == (10, 20)
