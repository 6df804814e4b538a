"""The entry point of the EvaluateEnsemble job: `python3 -m evaluation --rows DIR … --output DIR --method average`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.errors import EvaluationError
from memotion.dependencies import DependencyError, install_missing
from memotion.exit_message import fail
from memotion.heads import HeadsError
from memotion.opinions import Opinion, OpinionsError, load_opinions

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the job's exit code: 0 done, 1 refused with a sentence, on stderr and as the job's exit message."""
    try:
        opinions = load_opinions()
    except OpinionsError as error:
        return fail(error, None, exit_code=1)
    options = _parser(opinions).parse_args(arguments)
    try:
        install_missing(REQUIREMENTS)
        print(*_evaluate(options, opinions), sep="\n", flush=True)
    except (DependencyError, EvaluationError, HeadsError, OSError) as error:
        return fail(error, _message_file(options.output), exit_code=1)
    return 0


def _evaluate(options: argparse.Namespace, opinions: Sequence[Opinion]) -> list[str]:
    from evaluation.job import Folders, run  # not before its requirements are installed

    predictions = {opinion.name: getattr(options, _option(opinion).replace("-", "_")) for opinion in opinions}
    folders = Folders(options.rows, options.pictures, predictions, options.output, options.thumbnails)
    return run(folders, opinions, options.method, options.image_size, options.decision_rule)


def _option(opinion: Opinion) -> str:
    return f"{opinion.name}-predictions"


def _parser(opinions: Sequence[Opinion]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m evaluation", description="Combine the models and judge them.")
    for name, meaning in {
        "rows": "folder of rows.jsonl",
        "pictures": "folder of the pictures that were predicted",
        **{_option(opinion): f"output folder of {opinion.prediction_step}" for opinion in opinions},
        "output": "folder for the figures",
    }.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    parser.add_argument("--thumbnails", type=Path, help="folder of PrepareData's thumbnails; else `pictures` are shown")
    parser.add_argument("--method", default="average", help="average, plain_average, weighted or stacked")
    parser.add_argument("--decision-rule", default="argmax", help="argmax or balanced")
    parser.add_argument("--image-size", type=int, required=True, help="pixels a side of the pictures")
    return parser


def _message_file(output: Path) -> Path | None:
    """`ML/output/message` where the output is written to `ML/processing/output/NAME`; None anywhere else."""
    folder = output.absolute()
    if folder.parent.name == "output" and folder.parent.parent.name == "processing":
        return folder.parents[2] / "output" / "message"
    return None


if __name__ == "__main__":
    # Before NumPy is loaded. One thread: sums do not hang on how many cores a machine has, and products as small as
    # these only wait for a second one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
