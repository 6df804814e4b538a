"""What the pipeline's parts hand to one another: the names of files and folders, and what a line of rows.jsonl holds.

The data set comes first, then what PrepareData writes, then what EvaluateEnsemble writes.
"""

from __future__ import annotations

from collections.abc import Mapping

# The data set, as InputDataUri has it: labels.csv beside images/.
INPUT_PARAMETER = "InputDataUri"
LABELS = "labels.csv"
IMAGES = "images"

# PrepareData's output `prepared`. The last of it to be written is PREPARATION: without it the output is unfinished.
TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
PREDICTED_SPLITS = (VALIDATION, TEST)
PREDICT = "predict"
MANIFESTS = "manifests"
ROWS_FOLDER = "rows"
THUMBNAILS = "thumbnails"
PREPARATION = "preparation.json"
ROWS = "rows.jsonl"
TEXTS = "texts.jsonl"
ROW_MEMBERS: Mapping[str, type] = {"key": str, "image_name": str, "split": str, "caption": str, "labels": list}
"""The members of a line of rows.jsonl, in their order; `labels` are class ids, one a head."""

# EvaluateEnsemble's output `evaluation`, and the variable by which a package's containers name the combiner.
EVALUATION = "evaluation.json"
PREDICTIONS = "predictions.jsonl"
ENSEMBLE = "ensemble.json"
ENSEMBLE_VARIABLE = "MEMOTION_ENSEMBLE_URI"


def manifest_name(modality: str, split: str) -> str:
    """Return the name, in the folder of manifests, of a training channel's augmented manifest.

    >>> manifest_name("image", "train")
    'image-train.manifest'
    """
    return f"{modality}-{split}.manifest"


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Return the bucket and the key (or prefix, which may end in a slash) of an S3 URI.

    >>> split_s3_uri("s3://bucket/a/b.json")
    ('bucket', 'a/b.json')

    Raises ValueError where it is none.
    """
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValueError(f"{uri!r} is no S3 URI: write s3://BUCKET/PREFIX")
    return bucket, key


def duplicate_picture(image_name: str, row: int, first: int) -> str:
    """Return the sentence that refuses a row whose picture an earlier row has; rows are counted from 0."""
    return f"{LABELS}, row {row}: {image_name!r} is already the picture of row {first}; each picture has one row"


def likeliest(probabilities: Mapping[str, float]) -> str:
    """Return the class of the highest probability, the first of equals."""
    return max(probabilities, key=probabilities.__getitem__)
