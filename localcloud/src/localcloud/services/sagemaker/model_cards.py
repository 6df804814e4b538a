"""Model cards: each change is a version, and every version stays."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ConflictException, ResourceInUse, ValidationException
from localcloud.services.identity import creator
from localcloud.services.listing import matching, page
from localcloud.services.resources import create_record, delete, find, not_found, view
from localcloud.state.store import Record, insert, select, update

CARD, VERSION = "ModelCard", "ModelCardVersion"


@operation("sagemaker", "CreateModelCard")
def create_model_card(cloud: Cloud, request: Request) -> Answer:
    _check_content(request["Content"])
    try:
        with cloud.store.write() as connection:
            card = create_record(cloud, connection, CARD, request, {"ModelCardVersion": 1})
            insert(connection, _version(card))
    except ResourceInUse as error:
        raise ConflictException(error.message) from None
    return {"ModelCardArn": card.arn}


@operation("sagemaker", "DescribeModelCard")
def describe_model_card(cloud: Cloud, request: Request) -> Answer:
    """The newest version, or the one that is asked for."""
    card = find(cloud, CARD, request["ModelCardName"])
    if "ModelCardVersion" not in request:
        return view(card)
    return _view(cloud.store.get(VERSION, f"{card.name}/{request['ModelCardVersion']}"))


@operation("sagemaker", "UpdateModelCard")
def update_model_card(cloud: Cloud, request: Request) -> Answer:
    """Content or status, not both at once, as SageMaker has it."""
    if ("Content" in request) == ("ModelCardStatus" in request):
        raise ValidationException("update either the Content or the ModelCardStatus of a model card")
    if "Content" in request:
        _check_content(request["Content"])
    with cloud.store.write() as connection:
        card = select(connection, CARD, request["ModelCardName"])
        if card is None:
            raise not_found(cloud, CARD, request["ModelCardName"])
        version = card.body["ModelCardVersion"] + 1
        body = {**card.body, **request, "ModelCardName": card.name, "ModelCardVersion": version}
        changed = update(connection, replace(card, body={**body, "LastModifiedBy": creator(cloud)}))
        insert(connection, _version(changed))
    return {"ModelCardArn": card.arn}


@operation("sagemaker", "ListModelCardVersions")
def list_model_card_versions(cloud: Cloud, request: Request) -> Answer:
    name = find(cloud, CARD, request["ModelCardName"]).name
    items = [_view(record) for record in cloud.store.list(VERSION)]
    versions = matching(CARD, items, {**request, "ModelCardName": name})
    listed, token = page(versions, request, lambda item: (item["ModelCardVersion"],))
    return {"ModelCardVersionSummaryList": listed, "NextToken": token}


@operation("sagemaker", "DeleteModelCard")
def delete_model_card(cloud: Cloud, request: Request) -> Answer:
    card = find(cloud, CARD, request["ModelCardName"])
    for record in cloud.store.list(VERSION):
        if record.arn == card.arn:
            cloud.store.delete(VERSION, record.name)
    return delete(cloud, CARD, request)


def _check_content(content: str) -> None:
    try:
        is_object = isinstance(json.loads(content), dict)
    except json.JSONDecodeError as error:
        raise ValidationException(f"the Content of a model card is not JSON: {error}") from None
    if not is_object:
        raise ValidationException("the Content of a model card is a JSON object")


def _version(card: Record) -> Record:
    now = time.time()
    name = f"{card.name}/{card.body['ModelCardVersion']}"
    return replace(card, kind=VERSION, name=name, created=now, modified=now)


def _view(version: Record) -> Answer:
    """As its card was when it was this version."""
    return {**view(replace(version, kind=CARD)), "ModelCardName": version.body["ModelCardName"]}
