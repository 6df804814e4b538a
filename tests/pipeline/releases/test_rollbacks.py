"""Rollback by hand: what it returns to, what it rejects, and when there is nothing to return to."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import RefusedError
from tests.pipeline.releases.production_double import Production


def test_rollback_returns_rejects_what_it_leaves_and_no_late_event_undoes_it(
    production: Production, deploy: Any, rollback: Any
) -> None:
    for version in (1, 2):
        production.register(version)
        deploy(version)
    assert rollback().config == "memotion-v1"
    assert production.packages[2]["ModelApprovalStatus"] == "Rejected"
    assert production.packages[2]["ApprovalDescription"].startswith("worse (rejected by ")
    with pytest.raises(RefusedError, match="version 2 of memotion is Rejected: only an Approved one is deployed"):
        deploy(2)
    with pytest.raises(RefusedError, match="was rejected"):
        rollback()
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v1"


def test_an_endpoint_that_somebody_left_failed_is_not_deleted_by_a_rollback(
    production: Production, deploy: Any, rollback: Any
) -> None:
    for version in (1, 2):
        production.register(version)
        deploy(version)
    assert production.endpoint is not None
    production.endpoint |= {"EndpointStatus": "Failed", "FailureReason": "it was killed"}
    with pytest.raises(
        RefusedError, match=r"memotion is Failed \(it was killed\): `python pipeline.py deploy VERSION`"
    ):
        rollback()
    assert production.endpoint is not None
    assert production.packages[2]["ModelApprovalStatus"] == "Approved"


def test_a_version_before_that_somebody_deleted_is_not_returned_to(
    production: Production, deploy: Any, rollback: Any
) -> None:
    for version in (1, 2):
        production.register(version)
        deploy(version)
    del production.models["memotion-v1"]
    with pytest.raises(RefusedError, match="memotion-v1, which served before, is gone: deploy an approved version"):
        rollback()
    assert production.packages[2]["ModelApprovalStatus"] == "Approved"


def test_nothing_before_means_no_rollback(production: Production, deploy: Any, rollback: Any) -> None:
    with pytest.raises(RefusedError, match="no version before"):
        rollback()
    production.register(1)
    deploy(1)
    with pytest.raises(RefusedError, match="no version before"):
        rollback()
