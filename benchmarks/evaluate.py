"""How fast a test set is judged, beside the plain loop over scikit-learn: `python benchmarks/evaluate.py [--memes N…]`.

Times are one processor's, so that other work on the machine shows little in them.

The job's part is everything from arrays to evaluation.json: four methods tuned and scored, both models, the views, a
thousand bootstrap draws of each; a process of its own, whose peak memory is the whole of it. The loop does less: it
resamples memes and asks `f1_score` class by class, for the four methods alone. It is timed on a few draws; the rest of
its thousand is what those say.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from evaluation.metrics import LabelledPredictions, evaluate  # noqa: E402
from memotion.bootstrap import DRAWS  # noqa: E402
from memotion.ensemble import METHODS, Combiner  # noqa: E402
from memotion.heads import Heads, load_heads  # noqa: E402
from memotion.opinions import FIRST_TWO  # noqa: E402
from memotion.tuning import tuned  # noqa: E402

# Memotion's own test set, and ever more.
SIZES = (700, 10_000, 100_000, 1_000_000)
VALIDATION_SHARE = 10
# So many classifications are timed in the loop at least; a million memes are one draw.
TIMED_MEMES = 20_000


def main() -> None:
    """The table, or with `--one` the figures of one way at one size as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memes", type=int, nargs="+", default=SIZES, help="sizes of the test set")
    parser.add_argument("--one", choices=["job", "loop"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_job(options.memes[0]) if options.one == "job" else _loop(options.memes[0])))
        return
    print("| test memes | this job | its peak memory | scikit-learn's loop | times |")
    print("|---:|---:|---:|---:|---:|")
    for memes in options.memes:
        job, loop = (_in_a_process_of_its_own(memes, way) for way in ("job", "loop"))
        print(
            f"| {memes:,} | {job['seconds']:.2f} s | {job['peak'] / 2**20:,.0f} MiB "
            f"| {loop['seconds']:,.0f} s ({loop['draws']:.0f} of {DRAWS} draws timed) "
            f"| {loop['seconds'] / job['seconds']:,.0f} |",
            flush=True,
        )


def _in_a_process_of_its_own(memes: int, way: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--memes", str(memes), "--one", way]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # as the job runs
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=one_thread)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _job(memes: int) -> dict[str, float]:
    heads, (training, validation, test) = load_heads(), _drawn(memes)
    began = time.process_time()
    evaluate(heads, FIRST_TWO, "average", training, validation, test, image_size=224, cleaner_version=1)
    seconds = time.process_time() - began
    return {"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def _loop(memes: int) -> dict[str, float]:
    heads, (_, validation, test) = load_heads(), _drawn(memes)
    draws = max(1, min(20, TIMED_MEMES // memes))
    combiners = [_tuned(method, heads, validation) for method in METHODS]
    began = time.process_time()
    generator = np.random.default_rng(0)
    for combiner in combiners:
        answers = combiner.combine(test.answers)
        for _ in range(draws):
            _loop_over_classes(heads, test.labels, answers, generator.integers(memes, size=memes))
    return {"seconds": (time.process_time() - began) * DRAWS / draws, "draws": draws}


def _tuned(method: str, heads: Heads, validation: LabelledPredictions) -> Combiner:
    return tuned(method, heads, FIRST_TWO, validation.answers, validation.labels, image_size=224, cleaner_version=1)


def _loop_over_classes(
    heads: Heads, labels: NDArray[np.intp], answers: NDArray[np.float64], taken: NDArray[np.int64]
) -> float:
    from sklearn.metrics import f1_score

    by_head = []
    for head, columns in enumerate(heads.slices.values()):
        actual, predicted = labels[taken, head], answers[taken, columns].argmax(axis=1)
        by_class = [f1_score(actual == c, predicted == c, zero_division=0) for c in range(columns.stop - columns.start)]
        by_head.append(np.mean(by_class))
    return float(np.mean(by_head))


def _drawn(memes: int) -> tuple[NDArray[np.intp], LabelledPredictions, LabelledPredictions]:
    """Training labels, validation memes and test memes, on which both models are a little better than chance."""
    heads, generator = load_heads(), np.random.default_rng(0)
    columns = list(heads.slices.values())

    def answers(count: int) -> LabelledPredictions:
        labels = np.stack([generator.integers(c.stop - c.start, size=count) for c in columns], axis=1)
        image, text = generator.random((count, heads.num_classes)), generator.random((count, heads.num_classes))
        rows = np.arange(count)
        for head, c in enumerate(columns):
            (image if head % 2 else text)[rows, c.start + labels[:, head]] += 0.3
        np.minimum(image, 1, out=image)
        text /= text.sum(axis=1, keepdims=True)
        return LabelledPredictions({"image": image, "text": text}, labels)

    validation = answers(max(1, memes // VALIDATION_SHARE))
    return validation.labels, validation, answers(memes)


if __name__ == "__main__":
    main()
