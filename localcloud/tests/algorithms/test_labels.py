from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.algorithms.image_classification.labels import LabelError, target


@given(st.sets(st.integers(0, 18)))
def test_class_ids_are_the_ones_of_the_vector(ids: set[int]) -> None:
    vector = target(json.dumps(sorted(ids)).encode(), 19, multi_label=True, class_ids=True)
    assert {number for number, value in enumerate(vector) if value == 1} == ids
    assert set(vector) <= {0.0, 1.0}


def test_a_string_that_holds_an_array_reads_as_the_array() -> None:
    bare = target(b"[1, 4, 9]", 19, multi_label=True, class_ids=True)
    quoted = target(b'"[1, 4, 9]"', 19, multi_label=True, class_ids=True)
    assert bare.tolist() == quoted.tolist()


def test_without_the_label_format_ids_are_read_as_multi_hot_and_refused() -> None:
    with pytest.raises(LabelError, match=r"5 entries where a multi-hot one has num_classes, 19.*label-format=class-id"):
        target(b"[1, 4, 9, 13, 18]", 19, multi_label=True, class_ids=False)


def test_a_multi_hot_label_is_taken_as_it_stands() -> None:
    assert target(b"[1, 0, 1]", 3, multi_label=True, class_ids=False).tolist() == [1, 0, 1]


@pytest.mark.parametrize("class_id", [-1, 19])
def test_an_id_outside_the_classes_is_refused(class_id: int) -> None:
    with pytest.raises(LabelError, match=rf"{class_id} is outside \[0, 19\)"):
        target(json.dumps([class_id]).encode(), 19, multi_label=True, class_ids=True)


@pytest.mark.parametrize("label", [b"[true]", b"[1.5]", b'["a"]', b"{}", b"7", b"not json", b"[" * 100_000])
def test_what_is_no_label_is_refused(label: bytes) -> None:
    with pytest.raises(LabelError):
        target(label, 19, multi_label=True, class_ids=True)


def test_one_label_a_picture_is_one_id() -> None:
    assert target(b"2", 3, multi_label=False, class_ids=False).tolist() == [0, 0, 1]
    with pytest.raises(LabelError):
        target(b"[2]", 3, multi_label=False, class_ids=False)
