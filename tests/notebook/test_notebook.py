"""The notebook, run from its first cell to its last in a kernel of its own and a home of its own."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from sklearn.metrics import f1_score

from memotion.heads import load_heads

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "memotion.ipynb"


@dataclass(frozen=True)
class Run:
    """What the cells answered, by the cells' ids, and the home in which they did."""

    cells: dict[str, Any]
    home: Path

    def printed(self, cell: str) -> str:
        outputs = self.cells[cell].outputs
        return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")

    def shown(self, cell: str) -> str:
        """The value of the cell's last line, as text."""
        return str(self.cells[cell].outputs[-1].data["text/plain"])

    def object(self, pattern: str) -> Path:
        (path,) = (self.home / "buckets").glob(f"*/executions/*/{pattern}")
        return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("notebook") / "home"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MEMOTION_", "AWS_"))}
    book = nbformat.read(NOTEBOOK, nbformat.NO_CONVERT)
    client = NotebookClient(book, timeout=300, resources={"metadata": {"path": str(NOTEBOOK.parent)}})
    client.execute(env={**clean, "MEMOTION_HOME": str(home)})
    return Run({cell.id: cell for cell in book.cells}, home)


def test_it_is_stored_without_what_a_run_left() -> None:
    book = nbformat.read(NOTEBOOK, nbformat.NO_CONVERT)
    code = [cell for cell in book.cells if cell.cell_type == "code"]

    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert [cell.id for cell in code if "outputs" in cell.metadata or "execution" in cell.metadata] == []


def test_the_originals_two_rows_come_out_as_they_did(run: Run) -> None:
    assert run.printed("clean").splitlines() == [
        "image_1.jpg [1, 4, 9, 13, 18]",
        "image_4.png [3, 6, 11, 12, 16]",
        "10 year challenge  sweet dee edition",
    ]


def test_every_row_is_trained_on_tested_on_or_accounted_for(run: Run) -> None:
    counts = ast.literal_eval(run.shown("split"))

    assert sum(counts.values()) == 300
    assert counts["validation"] == pytest.approx(counts["test"], abs=2)
    assert counts["train"] == pytest.approx(8 * counts["test"], abs=10)


def test_every_step_of_the_pipeline_succeeded_in_the_chapter_that_it_is_about(run: Run) -> None:
    printed = "\n".join(run.printed(cell) for cell in ("run", "train", "evaluate", "deploy"))
    statuses = dict(re.findall(r"^(\w+): (\w+)", printed, re.MULTILINE))

    assert set(statuses.values()) == {"Succeeded"}
    assert len(statuses) == 13, "all but QualityTooLow"


def test_the_average_beats_both_models_and_every_guess_by_scikit_learns_count(run: Run) -> None:
    evaluated = "EvaluateEnsemble/evaluation"
    lines = [json.loads(line) for line in run.object(f"{evaluated}/predictions.jsonl").read_text().splitlines()]
    baseline = json.loads(run.object(f"{evaluated}/evaluation.json").read_text())["baseline"]
    scores = {model: macro_f1(lines, model) for model in ("image", "text", "ensemble")}

    assert scores["ensemble"] > max(scores["image"], scores["text"])
    assert scores["ensemble"] > max(figures["macro_f1"] for figures in baseline.values() if "macro_f1" in figures)
    for model, score in scores.items():
        assert f"{model} {score:.3f}" in " ".join(run.shown("evaluate").split())


def test_the_average_by_hand_is_what_the_evaluation_and_the_client_answer(run: Run) -> None:
    predictions, _, apart = run.printed("average").partition(" test memes, at most ")
    by_hand, by_client = zip(*(line.split()[-2:] for line in run.shown("same").splitlines()[1:]), strict=True)

    assert int(predictions) == ast.literal_eval(run.shown("split"))["test"]
    assert float(apart.split()[0]) < 1e-12
    assert by_hand == by_client
    assert len(by_hand) == load_heads().num_classes


def test_one_direct_endpoint_serves_both_containers_until_it_is_destroyed(run: Run) -> None:
    assert run.printed("deploy").splitlines()[-2:] == [
        "InService {'Mode': 'Direct'}",
        "['image-classification', 'blazingtext']",
    ]
    assert "deleted endpoint memotion-notebook-staging" in run.printed("destroy").splitlines()


def test_most_heads_of_a_meme_that_nobody_trained_on_are_recognised(run: Run) -> None:
    answer = {head: label for head, (label, _) in ast.literal_eval(run.shown("predict")).items()}
    with (run.home / "notebook-unseen" / "labels.csv").open(newline="") as table:
        header, row = csv.reader(table)
    actual = {head: label for head, label in zip(header, row, strict=True) if head in answer}

    assert list(answer) == list(load_heads().heads)
    assert sum(answer[head] == actual[head] for head in answer) > len(answer) / 2


def macro_f1(lines: list[dict[str, Any]], model: str) -> float:
    """Over the heads, each over all its classes."""
    heads = load_heads()
    scores = []
    for position, columns in enumerate(heads.slices.values()):
        predicted = [max(range(columns.start, columns.stop), key=lambda index: line[model][index]) for line in lines]
        actual = [line["labels"][position] for line in lines]
        classes = list(range(columns.start, columns.stop))
        scores.append(float(f1_score(actual, predicted, labels=classes, average="macro", zero_division=0)))
    return sum(scores) / len(scores)
