"""Emulators of the built-in algorithms: which there are, and what CreateTrainingJob refuses before one is started.

An emulator is two modules, run as the two commands of the original's image would be:

    python -m MODULE.train      trains from the /opt/ml that LOCALCLOUD_ML names (training_container.py)
    python -m MODULE.serve      answers /ping and /invocations from its model/ (serving_container.py)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.errors import ValidationException


@dataclass(frozen=True)
class Algorithm:
    """`train` and `serve` are modules to be run with `-m`, both with `environment`.

    `trains_with` and `serves_with` are what they import beyond a base install, of the extras `train` and `serve`.
    `metrics` are the expressions that find what the algorithm publishes in its log, by the metric's name.
    """

    name: str
    train: str
    serve: str
    trains_with: tuple[str, ...]
    serves_with: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)


ALGORITHMS = {
    "image-classification": Algorithm(
        "image-classification",
        "localcloud.algorithms.image_classification.train",
        "localcloud.algorithms.image_classification.serve",
        ("numpy", "PIL", "torch", "transformers", "onnx"),
        ("numpy", "PIL", "onnxruntime"),
        # Threads that spin while they wait take the cores from the other jobs: half the time is lost beside one.
        {"OMP_WAIT_POLICY": "PASSIVE"},
        metrics={
            "train:accuracy": r"Epoch\[\d+\] Train-accuracy=(\S+)",
            "validation:accuracy": r"Epoch\[\d+\] Validation-accuracy=(\S+)",
        },
    ),
    "blazingtext": Algorithm(
        "blazingtext",
        "localcloud.algorithms.blazingtext.train",
        "localcloud.algorithms.blazingtext.serve",
        ("numpy", "fasttext"),
        ("numpy", "fasttext"),
        metrics={"validation:accuracy": r"#validation_accuracy: (\S+)"},
    ),
}


NOT_EMULATED = frozenset(
    {
        *("factorization-machines", "forecasting-deepar", "ipinsights", "kmeans", "knn", "lda"),
        *("linear-learner", "ntm", "object-detection", "object2vec", "pca", "randomcutforest"),
        *("semantic-segmentation", "seq2seq"),
    }
)
"""Built-in algorithms whose images run no program but their own, by repository."""


def is_emulated(image_uri: str) -> bool:
    return repository(image_uri) in ALGORITHMS


def check_served(image_uri: str) -> None:
    """Raises ValidationException for the image of a model that nothing can serve here."""
    if repository(image_uri) in NOT_EMULATED:
        raise ValidationException(
            f"the algorithm of the image {image_uri!r} is not emulated on this machine; there are "
            f"{', '.join(sorted(ALGORITHMS))}, and any framework's image with an inference.py of your own"
        )


def repository(image_uri: str) -> str:
    """`blazingtext` of `811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1`; a digest is dropped likewise."""
    return image_uri.rpartition("/")[2].partition("@")[0].partition(":")[0]


def find(image_uri: str) -> Algorithm:
    """The emulator for an image, by the name of its repository. Raises ValidationException where there is none."""
    name = repository(image_uri)
    if name not in ALGORITHMS:
        raise ValidationException(
            f"the image {image_uri!r} has no emulator on this machine; there are {', '.join(sorted(ALGORITHMS))}. "
            f"To add one, write the modules localcloud/algorithms/{name.replace('-', '_')}/train.py and serve.py "
            f"and enter them in ALGORITHMS of localcloud/algorithms/__init__.py"
        )
    return ALGORITHMS[name]
