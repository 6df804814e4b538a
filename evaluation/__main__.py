"""The entry point of the EvaluateEnsemble job: `python3 -m evaluation --rows DIR … --output DIR --method average`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.errors import EvaluationError
from memotion.dependencies import DependencyError, install_missing
from memotion.heads import HeadsError

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
# SageMaker keeps a kilobyte of what a job leaves in /opt/ml/output/message.
LONGEST_MESSAGE = 1000


def main(arguments: Sequence[str] | None = None) -> int:
    """The job's exit code: 0 done, 1 refused with a sentence, on stderr and as the job's exit message."""
    options = _parser().parse_args(arguments)
    try:
        install_missing(REQUIREMENTS)
        print(*_evaluate(options), sep="\n", flush=True)
    except (DependencyError, EvaluationError, HeadsError, OSError) as error:
        return _refuse(str(error), options.output)
    return 0


def _evaluate(options: argparse.Namespace) -> list[str]:
    from evaluation.job import Folders, run  # not before its requirements are installed

    folders = Folders(
        options.rows, options.pictures, options.image_predictions, options.text_predictions, options.output
    )
    return run(folders, options.method, options.image_size)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m evaluation", description="Combine both models and judge them.")
    for name, meaning in {
        "rows": "folder of rows.jsonl",
        "pictures": "folder of the pictures that were predicted",
        "image-predictions": "output folder of PredictImages",
        "text-predictions": "output folder of PredictTexts",
        "output": "folder for the figures",
    }.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    parser.add_argument("--method", default="average", help="average, plain_average, weighted or stacked")
    parser.add_argument("--image-size", type=int, required=True, help="pixels a side of the pictures")
    return parser


def _refuse(sentence: str, output: Path) -> int:
    line = " ".join(sentence.split())
    print(f"error: {line}", file=sys.stderr, flush=True)
    folder = output.absolute()
    if folder.parent.name == "output" and folder.parent.parent.name == "processing":
        message = folder.parents[2] / "output" / "message"
        message.parent.mkdir(parents=True, exist_ok=True)
        message.write_text(line.encode()[:LONGEST_MESSAGE].decode(errors="ignore"), encoding="utf-8")
    return 1


if __name__ == "__main__":
    # Before NumPy is loaded. One thread: sums do not hang on how many cores a machine has, and products as small as
    # these only wait for a second one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
