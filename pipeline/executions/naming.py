"""How an execution is told from others: the name that a person gave it, and the name of its data.

StartPipelineExecution takes a display name of letters, digits and hyphens, and a description of any line. The
description carries the name as it was typed and what the data was called before a hash named it:
`stacked, 8 epochs; data: memotion_dataset_7k`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memotion.layout import INPUT_PARAMETER
from pipeline.errors import UsageError

Answer = Mapping[str, Any]

LONGEST_NAME = 82
LONGEST_DESCRIPTION = 3072
DATA = "data: "
# What the service calls an execution that nobody gave a name.
UNNAMED = re.compile(r"execution-\d+")
HASH = re.compile(r"[0-9a-f]{64}")
# So many digits of a hash tell one prefix from another.
SHORT_HASH = 8


def display_name(typed: str) -> str:
    """Return the nearest name that the service takes.

    >>> display_name("stacked, 8 epochs")
    'stacked-8-epochs'

    Raises UsageError where nothing is left of it.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "-", typed).strip("-")[:LONGEST_NAME].strip("-")
    if not name:
        raise UsageError(f"--name {typed!r} has no letter from A to Z and no digit, which the service asks of a name")
    return name


def description(typed: str, data: str) -> str:
    """Return the line that carries both; either may be empty."""
    parts = (" ".join(typed.split()), f"{DATA}{' '.join(data.split())}" if data else "")
    return "; ".join(part for part in parts if part)[:LONGEST_DESCRIPTION]


def members(typed: str, data: str) -> dict[str, str]:
    """Return what StartPipelineExecution is given of both."""
    described = description(typed, data)
    fields = {"PipelineExecutionDisplayName": display_name(typed)} if typed else {}
    return fields | ({"PipelineExecutionDescription": described} if described else {})


def recorded_name(execution: Answer) -> str:
    """Return the name that a person gave an execution, as it was typed; empty where nobody did.

    `execution` is its summary or its description by the service.
    """
    name = str(execution.get("PipelineExecutionDisplayName") or "")
    if not name or UNNAMED.fullmatch(name):
        return ""
    typed, _ = _parts(execution)
    return typed if typed and _is_same(typed, name) else name


def recorded_data(execution: Answer) -> str:
    """Return what the description says of the data; empty where it says nothing."""
    return _parts(execution)[1]


def data_name(execution: Answer, parameters: Mapping[str, str]) -> str:
    """Return what the data was called, else the end of its prefix, a hash cut short; empty where there is none."""
    return recorded_data(execution) or short_prefix(parameters.get(INPUT_PARAMETER, ""))


def source_name(source: str) -> str:
    """Return how a folder or an archive is called; a prefix of S3 without its bucket.

    >>> source_name("memes/drawn/"), source_name("s3://bucket/data/memes")
    ('drawn', 'data/memes')
    """
    return short_prefix(source) if source.startswith("s3://") else Path(source).resolve().name


def short_prefix(uri: str) -> str:
    """Return an S3 prefix without its bucket, hashes in it cut short."""
    path = uri.partition("://")[2].partition("/")[2].rstrip("/") or uri
    return HASH.sub(lambda match: match[0][:SHORT_HASH], path)


def _parts(execution: Answer) -> tuple[str, str]:
    text = str(execution.get("PipelineExecutionDescription") or "")
    if text.startswith(DATA):
        return "", text.removeprefix(DATA)
    typed, _, data = text.rpartition(f"; {DATA}")
    return (typed, data) if typed else (text, "")


def _is_same(typed: str, name: str) -> bool:
    try:
        return display_name(typed) == name
    except UsageError:
        return False
