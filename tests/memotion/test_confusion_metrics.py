"""The figures are scikit-learn's, from confusion matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as reference

from memotion import confusion_metrics
from memotion.calibration import calibration

K = 4
CLASSES = range(K)
LABELS = arrays(np.intp, st.shared(st.integers(1, 40), key="n"), elements=st.integers(0, K - 1))


@given(actual=LABELS, predicted=LABELS)
def test_every_figure_is_what_scikit_learn_says(actual: Any, predicted: Any) -> None:
    matrix = confusion_metrics.confusion_matrix(actual, predicted, K)
    np.testing.assert_array_equal(matrix, reference.confusion_matrix(actual, predicted, labels=CLASSES))
    f1 = {
        average: reference.f1_score(actual, predicted, labels=CLASSES, average=average, zero_division=0)
        for average in (None, "macro", "weighted")
    }
    np.testing.assert_allclose(confusion_metrics.f1(matrix), f1[None], atol=1e-12)
    assert float(confusion_metrics.macro_f1(matrix)) == pytest.approx(f1["macro"], abs=1e-12)
    assert float(confusion_metrics.weighted_f1(matrix)) == pytest.approx(f1["weighted"], abs=1e-12)
    assert float(confusion_metrics.accuracy(matrix)) == pytest.approx(
        reference.accuracy_score(actual, predicted), abs=1e-12
    )
    np.testing.assert_array_equal(
        confusion_metrics.one_vs_rest(matrix), reference.multilabel_confusion_matrix(actual, predicted, labels=CLASSES)
    )


@given(image=LABELS, text=LABELS)
def test_kappa_is_what_scikit_learn_says_and_absent_where_it_is_not_defined(image: Any, text: Any) -> None:
    observed, expected, kappa = confusion_metrics.chance_agreement(confusion_metrics.confusion_matrix(image, text, K))
    assert observed == pytest.approx(np.mean(image == text), abs=1e-12)
    if kappa is None:
        assert expected == 1
    else:
        assert kappa == pytest.approx(reference.cohen_kappa_score(image, text, labels=CLASSES), abs=1e-12)


def test_many_matrices_are_scored_as_each_alone() -> None:
    matrices = np.random.default_rng(0).integers(0, 9, (20, K, K))
    for figure in (
        confusion_metrics.f1,
        confusion_metrics.macro_f1,
        confusion_metrics.weighted_f1,
        confusion_metrics.accuracy,
    ):
        np.testing.assert_array_equal(figure(matrices), [figure(matrix) for matrix in matrices])


def test_a_class_that_neither_occurs_nor_is_predicted_counts_nothing() -> None:
    matrix = np.array([[3, 0, 0], [0, 2, 0], [0, 0, 0]])
    assert confusion_metrics.f1(matrix).tolist() == [1.0, 1.0, 0.0]
    assert float(confusion_metrics.macro_f1(matrix)) == pytest.approx(2 / 3)


def test_calibration_is_what_counting_bin_by_bin_finds() -> None:
    generator = np.random.default_rng(1)
    confidence, correct = generator.uniform(0.2, 1.0, 500), generator.random(500) < 0.5
    error, measured = 0.0, calibration(confidence, correct)
    for low in np.arange(10) / 10:
        inside = (confidence > low) & (confidence <= low + 0.1)
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - correct[inside].mean())
    assert measured.expected_error == pytest.approx(error, abs=1e-12)
    assert sum(bin_.count for bin_ in measured.bins) == 500


def test_an_empty_bin_is_absent_and_the_ends_belong_to_the_outermost() -> None:
    measured = calibration(np.array([0.0, 1.0]), np.array([False, True]))
    assert [(bin_.low, bin_.high, bin_.count) for bin_ in measured.bins] == [(0.0, 0.1, 1), (0.9, 1.0, 1)]
    assert measured.expected_error == 0
