"""A channel as a file of lines that fastText trains from, `__label__3 __label__6 10 year challenge`.

An augmented manifest gives a text and its label, a class id or an array of them. Files (File mode) hold such lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from localcloud.algorithms.blazingtext import LABEL
from localcloud.algorithms.errors import ClientError
from localcloud.channels import Channel, Manifest


def write_lines(channel: Channel, target: Path) -> int:
    """Write the channel's lines to a file and answer their number. Raises ClientError naming the record."""
    count = 0
    with target.open("w", encoding="utf-8") as file:
        for line in _of_manifest(channel) if channel.is_manifest else _of_files(channel):
            file.write(f"{line}\n")
            count += 1
    if not count:
        raise ClientError(f"channel {channel.name} holds no labelled text")
    return count


def _of_manifest(channel: Channel) -> Iterator[str]:
    if len(channel.attributes) != 2:
        raise ClientError(
            f"channel {channel.name} has the AttributeNames {list(channel.attributes)}; BlazingText reads the text "
            f'first, then the label, as in ["source", "label"]'
        )
    manifest = Manifest(channel)
    for number in manifest.order(0):
        text, label = manifest.record(number)
        try:
            yield _line(text.decode(), label.decode())
        except ValueError as error:
            raise ClientError(f"{manifest.where(number)}: {error}") from None


def _line(text: str, label: str) -> str:
    words = text.split()
    if any(word.startswith(LABEL) for word in words):
        raise ValueError(f"the text holds a word that begins with {LABEL}, which would be read as a label")
    return " ".join([*(f"{LABEL}{class_id}" for class_id in _class_ids(label)), *words])


def _class_ids(text: str) -> list[int]:
    try:
        label = json.loads(text)
    except (ValueError, RecursionError):
        label = text
    ids = label if isinstance(label, list) else [label]
    if not ids or any(isinstance(entry, bool) or not isinstance(entry, int) or entry < 0 for entry in ids):
        raise ValueError(
            f"the label {text[:60]!r} is neither a class id nor an array of them; AttributeNames gives the text first, "
            f'then the label, as in ["source", "label"]'
        )
    return ids


def _of_files(channel: Channel) -> Iterator[str]:
    for path in channel.files():
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _labelled(line, f"channel {channel.name}, {path.name}, line {number}")


def _labelled(line: bytes, where: str) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise ClientError(f"{where} is not UTF-8") from None
    if not text.startswith(LABEL):
        raise ClientError(f"{where} does not begin with {LABEL} and a class")
    return text.strip()
