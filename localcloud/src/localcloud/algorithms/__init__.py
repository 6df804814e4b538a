"""The built-in algorithms: what each takes, by its documentation, and the emulator that runs in its place.

An emulator is two modules, run as the two commands of the original's image would be:

    python -m MODULE.train      trains from the /opt/ml that LOCALCLOUD_ML names (training_container.py)
    python -m MODULE.serve      answers /ping and /invocations from its model/ (serving_container.py)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from localcloud.algorithms.blazingtext import hyperparameters as blazingtext
from localcloud.algorithms.hyperparameters import problems
from localcloud.algorithms.image_classification import hyperparameters as image_classification
from localcloud.algorithms.xgboost import hyperparameters as xgboost
from localcloud.algorithms.xgboost import metrics as xgboost_metrics
from localcloud.algorithms.xgboost import versions as xgboost_versions
from localcloud.errors import ValidationException

GPU_FAMILIES = ("ml.p", "ml.g")
RECORDIO = "application/x-recordio"
LABELLED = tuple(f"{RECORDIO}; label-format={labels}" for labels in ("class-id", "multi-hot"))


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """`train` and `serve` are modules to be run with `-m`, both with `environment`; the rest is documentation.

    `trains_with` and `serves_with` are what they import beyond a base install, of the extras `train` and `serve`.
    `hyperparameters` answers the dataclass of what there is beside what is given. `attributes` are those of a manifest,
    in their order. `families` are of the instances that it trains on, all where there are none. `metrics` are the
    expressions that find what the algorithm publishes in its log, by the metric's name. `content_types` are those of a
    channel of files, any where there are none. `runs_programs` says that the image is a framework's too: it runs a
    program of one's own where one is named. `batch_accept` is what a batch transform is answered in that does not say.
    """

    name: str
    train: str
    serve: str
    trains_with: tuple[str, ...]
    serves_with: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    hyperparameters: Callable[[Mapping[str, str | None]], type[Any]]
    required_channels: tuple[str, ...]
    channels: tuple[str, ...]
    attributes: tuple[str, ...]
    metrics: Mapping[str, str]
    families: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ()
    checkpoints: bool = False
    runs_programs: bool = False
    batch_accept: str = "application/jsonlines"

    def problems(self, values: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        """Each hyperparameter that is wrong, and why; the value of one that is not known yet is None."""
        return problems(self.hyperparameters(values), values, self.name)

    def manifest_content_types(self, multi_label: str | None) -> tuple[str, ...]:
        """As what a manifest's records may come; of several labels a picture it is said in which form they are."""
        if not self.attributes:
            return ()
        if self.name == "blazingtext" or multi_label == "0":
            return (RECORDIO,)
        return LABELLED if multi_label == "1" else (*LABELLED, RECORDIO)


ALGORITHMS = {
    "image-classification": Algorithm(
        name="image-classification",
        train="localcloud.algorithms.image_classification.train",
        serve="localcloud.algorithms.image_classification.serve",
        trains_with=("numpy", "PIL", "torch", "transformers", "onnx"),
        serves_with=("numpy", "PIL", "onnxruntime"),
        # Threads that spin while they wait take the cores from the other jobs: half the time is lost beside one.
        environment={"OMP_WAIT_POLICY": "PASSIVE"},
        hyperparameters=lambda _: image_classification.Hyperparameters,
        required_channels=("train", "validation"),
        channels=("train", "validation", "train_lst", "validation_lst", "model"),
        attributes=("source-ref", "class"),
        metrics={
            "train:accuracy": r"Epoch\[\d+\] Train-accuracy=(\S+)",
            "validation:accuracy": r"Epoch\[\d+\] Validation-accuracy=(\S+)",
        },
        families=("ml.p2.", "ml.p3.", "ml.p3dn.", "ml.g4dn.", "ml.g5."),
        checkpoints=True,
    ),
    "blazingtext": Algorithm(
        name="blazingtext",
        train="localcloud.algorithms.blazingtext.train",
        serve="localcloud.algorithms.blazingtext.serve",
        trains_with=("numpy", "fasttext"),
        serves_with=("numpy", "fasttext"),
        hyperparameters=blazingtext.table_of,
        required_channels=("train",),
        channels=("train", "validation"),
        attributes=("source", "label"),
        metrics={"validation:accuracy": r"#validation_accuracy: (\S+)"},
    ),
    "xgboost": Algorithm(
        name="xgboost",
        train="localcloud.algorithms.xgboost.train",
        serve="localcloud.algorithms.xgboost.serve",
        trains_with=("numpy", "xgboost", "sklearn"),
        serves_with=("numpy", "xgboost"),
        hyperparameters=lambda _: xgboost.Hyperparameters,
        required_channels=("train",),
        channels=("train", "validation", "code"),
        attributes=(),
        metrics=xgboost_metrics.EXPRESSIONS,
        content_types=("text/libsvm", "text/x-libsvm", "libsvm", "text/csv", "csv"),
        checkpoints=True,
        runs_programs=True,
        batch_accept="text/csv",
    ),
}

REPOSITORIES = {"sagemaker-xgboost": "xgboost"}
"""The algorithms whose image's repository is not called as they are."""


NOT_EMULATED = frozenset(
    {
        *("factorization-machines", "forecasting-deepar", "ipinsights", "kmeans", "knn", "lda"),
        *("linear-learner", "ntm", "object-detection", "object2vec", "pca", "randomcutforest"),
        *("semantic-segmentation", "seq2seq"),
    }
)
"""Built-in algorithms whose images run no program but their own, by repository."""


def is_emulated(image_uri: str) -> bool:
    return algorithm_of(image_uri) is not None


def check_emulated_or_own(image_uri: str) -> None:
    """Raises ValidationException for the image of an algorithm that nothing stands for here."""
    if repository(image_uri) in NOT_EMULATED:
        raise ValidationException(
            f"the algorithm of the image {image_uri!r} is not emulated on this machine; there are "
            f"{', '.join(sorted(ALGORITHMS))}, and any framework's image with a program of your own"
        )


def repository(image_uri: str) -> str:
    """`blazingtext` of `811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1`; a digest is dropped likewise."""
    return image_uri.rpartition("/")[2].partition("@")[0].partition(":")[0]


def tag(image_uri: str) -> str:
    """`1` of `811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1`; nothing where it has none."""
    return image_uri.rpartition("/")[2].partition("@")[0].partition(":")[2]


def algorithm_of(image: object, *, is_own: bool = False) -> Algorithm | None:
    """The built-in algorithm of an image; None where it is none that is known here.

    `is_own` says that a program of one's own is named beside it: then an image that runs programs is no algorithm's.
    """
    name = repository(str(image))
    algorithm = ALGORITHMS.get(REPOSITORIES.get(name, name))
    if algorithm is not None and algorithm.name == "xgboost":
        algorithm = _xgboost(tag(str(image)), name in REPOSITORIES)
    return None if algorithm is None or (is_own and algorithm.runs_programs) else algorithm


@lru_cache
def _xgboost(image_tag: str, runs_programs: bool) -> Algorithm:
    """XGBoost in the version that an image's tag says."""
    version = xgboost_versions.version_of(image_tag)
    return replace(
        ALGORITHMS["xgboost"],
        environment={xgboost_versions.VARIABLE: ".".join(map(str, version))},
        hyperparameters=lambda _: xgboost.table_of(version),
        families=xgboost_versions.families(version),
        runs_programs=runs_programs,
    )


def find(image_uri: str) -> Algorithm:
    """The emulator for an image, by the name of its repository. Raises ValidationException where there is none."""
    algorithm = algorithm_of(image_uri)
    if algorithm is None:
        name = repository(image_uri)
        raise ValidationException(
            f"the image {image_uri!r} has no emulator on this machine; there are {', '.join(sorted(ALGORITHMS))}. "
            f"To add one, write the modules localcloud/algorithms/{name.replace('-', '_')}/train.py and serve.py "
            f"and enter them in ALGORITHMS of localcloud/algorithms/__init__.py"
        )
    return algorithm
