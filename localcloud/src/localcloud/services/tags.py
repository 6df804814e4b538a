"""The tags of whatever has an ARN."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceLimitExceeded, ResourceNotFound
from localcloud.services.listing import page

MAX_TAGS = 50
PAGE = 50


def add_tags(cloud: Cloud, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    """Add tags as the API spells them; one with a key that is there replaces it. Raises ResourceLimitExceeded."""
    with cloud.store.write() as connection:
        write_tags(connection, arn, tags)


def write_tags(connection: sqlite3.Connection, arn: str, tags: Iterable[Mapping[str, str]]) -> None:
    """The same inside a transaction."""
    connection.executemany(
        "INSERT OR REPLACE INTO tags (arn, key, value) VALUES (?, ?, ?)",
        [(arn, tag["Key"], tag.get("Value", "")) for tag in tags],
    )
    count = connection.execute("SELECT count(*) FROM tags WHERE arn = ?", (arn,)).fetchone()[0]
    if count > MAX_TAGS:
        raise ResourceLimitExceeded(f"{arn} would have {count} tags; {MAX_TAGS} are allowed")


def tags_of(cloud: Cloud, arn: str) -> list[dict[str, str]]:
    """In the order of their keys."""
    with cloud.store.read() as connection:
        rows = connection.execute("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", (arn,))
        return [{"Key": row["key"], "Value": row["value"]} for row in rows]


def remove_tags(cloud: Cloud, arn: str, keys: Iterable[str] | None = None) -> None:
    """Remove the tags with these keys, or all."""
    with cloud.store.write() as connection:
        if keys is None:
            connection.execute("DELETE FROM tags WHERE arn = ?", (arn,))
        else:
            connection.executemany("DELETE FROM tags WHERE arn = ? AND key = ?", [(arn, key) for key in keys])


def _check_exists(cloud: Cloud, arn: str, code: str | None = None) -> None:
    """Raises ResourceNotFound for the ARN of nothing, whose tags somebody else would be given."""
    with cloud.store.read() as connection:
        row = connection.execute(
            "SELECT 1 FROM resources WHERE arn = ? UNION SELECT 1 FROM executions WHERE arn = ?", (arn, arn)
        ).fetchone()
    if row is None:
        raise ResourceNotFound(f"Could not find the resource {arn!r}.", code=code)


@operation("sagemaker", "AddTags")
def _add_tags(cloud: Cloud, request: Request) -> Answer:
    _check_exists(cloud, request["ResourceArn"])
    add_tags(cloud, request["ResourceArn"], request["Tags"])
    return {"Tags": tags_of(cloud, request["ResourceArn"])}


@operation("sagemaker", "ListTags")
def _list_tags(cloud: Cloud, request: Request) -> Answer:
    _check_exists(cloud, request["ResourceArn"])
    tags = tags_of(cloud, request["ResourceArn"])
    listed, token = page(tags, request, lambda tag: (tag["Key"],), is_descending=False, size=PAGE)
    return {"Tags": listed, "NextToken": token}


@operation("sagemaker", "DeleteTags")
def _delete_tags(cloud: Cloud, request: Request) -> Answer:
    _check_exists(cloud, request["ResourceArn"])
    remove_tags(cloud, request["ResourceArn"], request["TagKeys"])
    return {}


@operation("cloudwatch", "TagResource")
def _tag_resource(cloud: Cloud, request: Request) -> Answer:
    _check_exists(cloud, request["ResourceARN"], code="ResourceNotFoundException")
    add_tags(cloud, request["ResourceARN"], request["Tags"])
    return {}


@operation("cloudwatch", "ListTagsForResource")
def _list_tags_for_resource(cloud: Cloud, request: Request) -> Answer:
    return {"Tags": tags_of(cloud, request["ResourceARN"])}


@operation("cloudwatch", "UntagResource")
def _untag_resource(cloud: Cloud, request: Request) -> Answer:
    remove_tags(cloud, request["ResourceARN"], request["TagKeys"])
    return {}
