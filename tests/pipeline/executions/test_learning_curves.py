"""Curves and progress from logs as the algorithms write them: values are compared with the lines themselves."""

from __future__ import annotations

import pytest

from pipeline.executions import step_progress
from pipeline.executions.results import learning_curves

IMAGE_CLASSIFICATION = """\
[11/27/2026 18:51:57 INFO 140] Epoch[0] Batch [20]#011Speed: 12.06 samples/sec#011accuracy=0.5
[11/27/2026 18:51:57 INFO 140] Epoch[0] Train-accuracy=0.703125
[11/27/2026 18:51:57 INFO 140] Epoch[0] Time cost=0.271
[11/27/2026 18:51:57 INFO 140] Epoch[0] Validation-accuracy=0.752632
[11/27/2026 18:51:58 INFO 140] Epoch[1] Train-accuracy=0.746711
[11/27/2026 18:51:58 INFO 140] Epoch[1] Validation-accuracy=0.738596
""".splitlines()
BLAZINGTEXT = """\
##### Alpha: 0.0488  Progress: 2.35%  Million Words/sec: 0.78 #####
-------------- End of epoch: 3
Validation accuracy: 0.61
Validation accuracy improved! Storing best weights...
-------------- End of epoch: 4
Validation accuracy: 0.64
#train_accuracy: 0.9
Number of train examples: 239
""".splitlines()


def test_image_classification_tells_both_metrics_epoch_by_epoch() -> None:
    assert learning_curves.of_log(IMAGE_CLASSIFICATION) == {
        "train:accuracy": ((1, 0.703125), (2, 0.746711)),
        "validation:accuracy": ((1, 0.752632), (2, 0.738596)),
    }


def test_blazingtext_tells_the_validation_where_it_may_stop_early() -> None:
    assert learning_curves.of_log(BLAZINGTEXT) == {"validation:accuracy": ((3, 0.61), (4, 0.64))}
    assert learning_curves.of_log(["1 epochs: validation accuracy 0.5"]) == {"validation:accuracy": ((1, 0.5),)}


def test_read_in_two_parts_it_is_the_same_curve() -> None:
    first = learning_curves.of_log(IMAGE_CLASSIFICATION[:3])
    assert learning_curves.of_log(IMAGE_CLASSIFICATION[3:], first) == learning_curves.of_log(IMAGE_CLASSIFICATION)


def test_an_epoch_that_came_again_after_an_interruption_counts_and_no_number_is_drawn_as_none() -> None:
    lines = ["Epoch[0] Train-accuracy=0.1", "Epoch[0] Train-accuracy=0.3", "Epoch[1] Train-accuracy=nan"]
    assert learning_curves.of_log(lines) == {"train:accuracy": ((1, 0.3),)}
    assert learning_curves.of_log(["Epoch[0] Train-loss=?", "Epoch[1] Train-loss=inf"]) == {}


@pytest.mark.parametrize(
    ("lines", "epochs", "expected"),
    [
        (IMAGE_CLASSIFICATION, "20", "epoch 2 of 20"),
        (BLAZINGTEXT, "10", "epoch 4 of 10"),
        (["Epoch[6] Time cost=1"], "", "epoch 7"),
        (
            ["300 of 3000 pictures, 3 a second", "1200 of 3000 pictures, 3 a second", "done"],
            "",
            "1,200 of 3,000 pictures",
        ),
        (["of 3 pictures", "7 off 9 pictures"], "", ""),
        ([], "20", ""),
    ],
)
def test_the_last_line_that_tells_it_says_how_far_a_job_is(lines: list[str], epochs: str, expected: str) -> None:
    assert step_progress.of_log(lines, epochs) == expected


def test_a_training_whose_log_tells_nothing_has_bounds_all_the_same() -> None:
    curves = learning_curves.LearningCurves("Train", {}, {"validation:accuracy": 0.5})
    assert (curves.epochs, curves.bounds) == (0, (0.0, 1.0))
    losses = learning_curves.LearningCurves("Train", {"train:loss": ((1, 2.5), (2, -0.5))}, {})
    assert (losses.epochs, losses.bounds) == (2, (-0.5, 2.5))
