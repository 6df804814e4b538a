"""Names of executions and their data: what the service takes of them, by its own model, and what is read back."""

from __future__ import annotations

import re

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.executions import naming

REQUEST = (
    botocore.session.get_session().get_service_model("sagemaker").operation_model("StartPipelineExecution").input_shape
)


def takes(member: str, value: str) -> bool:
    described = REQUEST.members[member].metadata
    return len(value) <= described["max"] and re.fullmatch(described["pattern"], value) is not None


@given(st.text(min_size=1, max_size=200), st.text(max_size=200))
def test_whatever_is_typed_the_service_takes_or_a_sentence_refuses(typed: str, data: str) -> None:
    try:
        members = naming.members(typed, data)
    except UsageError as error:
        assert "no letter from A to Z" in str(error)
        return
    assert all(takes(member, value) for member, value in members.items())


@given(
    st.from_regex(r"[A-Za-z0-9][\w ,.%+-]{0,40}", fullmatch=True).map(lambda text: " ".join(text.split())),
    st.from_regex(r"[\w.-][\w ./-]{0,40}", fullmatch=True).map(lambda text: " ".join(text.split())),
)
def test_what_was_typed_is_read_back(typed: str, data: str) -> None:
    members = naming.members(typed, data)
    assert naming.recorded_data(members) == data
    if not naming.UNNAMED.fullmatch(members["PipelineExecutionDisplayName"]):
        assert naming.recorded_name(members) == typed


def test_what_the_service_names_itself_is_no_name() -> None:
    assert naming.recorded_name({"PipelineExecutionDisplayName": "execution-1764267144000"}) == ""
    assert naming.recorded_name({"PipelineExecutionDisplayName": "by-hand"}) == "by-hand"
    assert naming.recorded_name({}) == ""


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://bucket/data/" + "5" * 64, "data/55555555"),
        ("s3://bucket/memes/2026/", "memes/2026"),
        ("s3://bucket", "s3://bucket"),
        ("", ""),
    ],
)
def test_data_without_a_name_is_called_by_its_prefix_with_the_hash_cut_short(uri: str, name: str) -> None:
    assert naming.data_name({}, {"InputDataUri": uri}) == name
    assert naming.data_name({"PipelineExecutionDescription": "a; data: drawn"}, {"InputDataUri": uri}) == "drawn"
