"""What the job is told: its arguments, and where its output will lie."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from memotion.script_requests import CAPTION, PICTURE
from processing.errors import UsageError
from processing.rows.manifests import TEXT_LABELS, ScriptRequests
from processing.rows.split import DEFAULT_RATIOS, check_ratios
from processing.worker_pool import cores

OUTPUT_NAME = "prepared"
MAX_IMAGE_SIZE = 4096


@dataclass(frozen=True)
class Arguments:
    """The job's arguments, each within its bounds."""

    data: Path
    output: Path
    job_config: Path
    image_size: int
    split_seed: int
    split_ratios: tuple[float, ...]
    max_rejected_fraction: float
    min_training_rows: int
    text_labels: str
    requests: tuple[ScriptRequests, ...]
    workers: int


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `python3 -m processing --help` lists the arguments.")


def parse_arguments(arguments: Sequence[str]) -> Arguments:
    """UsageError or SplitError names the argument that makes no sense, and its value."""
    values = vars(_parser().parse_args(arguments))
    parsed = Arguments(**{**values, "requests": tuple(values["requests"])})
    for name, value, low, high in (
        ("image-size", parsed.image_size, 1, MAX_IMAGE_SIZE),
        ("max-rejected-fraction", parsed.max_rejected_fraction, 0, 1),
        ("min-training-rows", parsed.min_training_rows, 1, float("inf")),
        ("workers", parsed.workers, 1, 1024),
    ):
        if not low <= value <= high:
            raise UsageError(f"--{name} {value} is not between {low} and {high}.")
    check_ratios(parsed.split_ratios)
    return parsed


def output_uri(job_config: Path) -> str:
    """The S3 URI of the job's output `prepared`, read in its configuration; UsageError where it is not there."""
    try:
        outputs = json.loads(job_config.read_text(encoding="utf-8"))["ProcessingOutputConfig"]["Outputs"]
        uris = [output["S3Output"]["S3Uri"] for output in outputs if output["OutputName"] == OUTPUT_NAME]
    except FileNotFoundError:
        raise UsageError(f"There is no {job_config}; --job-config names the configuration of this job.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{job_config} is not the configuration of a processing job: {error!r}.") from error
    if not uris:
        raise UsageError(f"{job_config} has no output {OUTPUT_NAME}.")
    return str(uris[0])


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python3 -m processing",
        description="Clean the captions, make the pictures standard, split, write the manifests, explore.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="folder of labels.csv and images/")
    add("--output", type=Path, required=True, metavar="DIR", help="folder that becomes the output `prepared`")
    add("--job-config", type=Path, required=True, metavar="FILE", help="where the output's S3 URI is read")
    add("--image-size", type=int, required=True, metavar="N", help="pixels a side of the standard picture")
    add("--split-seed", type=int, default=0, metavar="N", help="another seed is another split (0)")
    add("--split-ratios", type=_ratios, default=DEFAULT_RATIOS, metavar="F,F,F", help="training, validation, test")
    add("--max-rejected-fraction", type=float, default=0.05, metavar="F", help="unusable pictures allowed (0.05)")
    add("--min-training-rows", type=int, default=1, metavar="N", help="a batch of the image training (1)")
    add("--text-labels", choices=TEXT_LABELS, default="array", help="labels of the text manifests (array)")
    add(
        "--requests",
        type=_requests,
        nargs="+",
        default=(),
        metavar="NAME=picture,caption",
        help="write predict/NAME.jsonl too, what a script of that name is asked with",
    )
    add("--workers", type=int, default=cores(), metavar="N", help="processes (the cores of this machine)")
    return parser


def _requests(text: str) -> ScriptRequests:
    name, _, sees = text.partition("=")
    if not name or not set(sees.split(",")) <= {PICTURE, CAPTION}:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=picture,caption")
    return ScriptRequests(name, tuple(sees.split(",")))


def _ratios(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))
