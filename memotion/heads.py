"""What is predicted, read from `heads.toml`: heads side by side, the classes of each, and views over them.

Class ids count through the heads in the file's order: the first class of the second head follows the last of the first.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

MAX_BYTES = 2**17
MAX_KEY_PARTS = 16
_DEEP_KEY = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{MAX_KEY_PARTS}}}""")


class HeadsError(ValueError):
    """A heads file that makes no sense, or a row that does not fit it; the text names file or column, and value."""


@dataclass(frozen=True)
class Columns:
    """The columns of `labels.csv` that hold the picture's name and the caption."""

    image: str
    text: str


@dataclass(frozen=True)
class View:
    """Another way to count: each head's classes mapped to coarser ones; its figure is the mean over its heads."""

    name: str
    heads: Mapping[str, Mapping[str, str]]
    published: Mapping[str, float]


@dataclass(frozen=True)
class Heads:
    """The heads in order, each with its classes in order.

    `display` has, of the heads that people should see in another order, the classes in that order.
    """

    columns: Columns
    heads: Mapping[str, tuple[str, ...]]
    views: Mapping[str, View] = field(default_factory=dict)
    display: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where each head's classes stand in an array of `num_classes` entries."""
        return slices_of(self.heads)

    @cached_property
    def class_names(self) -> tuple[tuple[str, str], ...]:
        """(head, class) of each id, in the order of the ids."""
        return tuple((head, name) for head, classes in self.heads.items() for name in classes)

    @cached_property
    def _ids(self) -> dict[tuple[str, str], int]:
        return {pair: index for index, pair in enumerate(self.class_names)}

    def displayed(self, head: str) -> tuple[str, ...]:
        """Return the head's classes in the order in which people see them."""
        return self.display.get(head, self.heads[head])

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    def encode(self, row: Mapping[str, str]) -> list[int]:
        """Return the ids of a row of `labels.csv`, one a head; HeadsError names the missing column or the value."""
        missing = [head for head in self.heads if head not in row]
        if missing:
            raise HeadsError(f"There is no column {missing[0]}; add it, or take the head out of heads.toml.")
        return [self._ids[head, _class_of(row[head], head, classes)] for head, classes in self.heads.items()]

    def decode(self, ids: Iterable[int]) -> dict[str, str]:
        """Return the class of each head; HeadsError where the ids, in any order, are not exactly one a head."""
        class_ids = list(ids)
        outside = [index for index in class_ids if not 0 <= index < self.num_classes]
        if outside:
            raise HeadsError(f"Id {outside[0]} is outside 0 to {self.num_classes - 1}.")
        named = dict(self.class_names[index] for index in class_ids)
        if len(class_ids) != len(self.heads) or len(named) != len(self.heads):
            raise HeadsError(f"The ids {class_ids} are not one for each of {', '.join(self.heads)}.")
        return {head: named[head] for head in self.heads}


def _class_of(value: str, head: str, classes: Sequence[str]) -> str:
    """The class that a value of labels.csv names: a column of whole numbers with gaps is written `1.0` by pandas."""
    if value in classes:
        return value
    whole = value.strip().removesuffix(".0")
    if whole in classes and whole.lstrip("-").isdecimal():
        return whole
    raise HeadsError(f"Column {head} holds {value!r}, which is none of {', '.join(classes)}.")


def slices_of(heads: Mapping[str, Sequence[str]]) -> dict[str, slice]:
    """Where each head's classes stand among all classes, in the order of the heads."""
    bounds = pairwise(accumulate((len(classes) for classes in heads.values()), initial=0))
    return {head: slice(start, stop) for head, (start, stop) in zip(heads, bounds, strict=True)}


def heads_path(path: Path | None = None) -> Path:
    """`path`, else what `MEMOTION_HEADS` names, else `heads.toml` in the folder that holds this package."""
    return path or Path(os.environ.get("MEMOTION_HEADS") or Path(__file__).resolve().parents[1] / "heads.toml")


def load_heads(path: Path | None = None) -> Heads:
    """Return the heads of `heads_path(path)`; HeadsError names the file and what is wrong in it."""
    source = heads_path(path)
    try:
        return parse_heads(_parsed(source))
    except FileNotFoundError:
        raise HeadsError(f"There is no heads file {source}; MEMOTION_HEADS names another.") from None
    except (tomllib.TOMLDecodeError, HeadsError, UnicodeDecodeError) as error:
        raise HeadsError(f"{source}: {error}") from error


def _parsed(source: Path) -> Mapping[str, Any]:
    """The table of a file within bounds: `tomllib` takes time by the square of a key's parts, and recurses."""
    with source.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    text = data.decode()
    if len(data) > MAX_BYTES:
        raise HeadsError(f"a heads file has at most {MAX_BYTES} bytes.")
    if _DEEP_KEY.search(text):
        raise HeadsError(f"a key has more than {MAX_KEY_PARTS} parts.")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise HeadsError("its brackets are nested too deep.") from None


def parse_heads(table: Mapping[str, Any]) -> Heads:
    """Return the heads that a parsed TOML table describes; HeadsError says which entry does not fit."""
    columns = table.get("columns")
    if not isinstance(columns, dict) or not all(_is_name(columns.get(name)) for name in ("image", "text")):
        raise HeadsError("[columns] must name the columns `image` and `text`.")
    if columns["image"] == columns["text"]:
        raise HeadsError(f"[columns] names {columns['image']} twice: pictures and captions have a column each.")
    heads = table.get("heads")
    if not isinstance(heads, dict) or not heads:
        raise HeadsError("[heads] must list the classes of at least one head.")
    heads = {head: _as_texts(classes) for head, classes in heads.items()}
    for head, classes in heads.items():
        _check_classes(head, classes)
    taken = {columns["image"], columns["text"]} & set(heads)
    if taken:
        raise HeadsError(f"{taken.pop()} is a head and a column of [columns] at once.")
    views = table.get("views", {})
    if not isinstance(views, dict):
        raise HeadsError("[views] must hold a table for each view.")
    return Heads(
        Columns(columns["image"], columns["text"]),
        {head: tuple(classes) for head, classes in heads.items()},
        {name: _parse_view(name, view, heads) for name, view in views.items()},
        _parse_display(table.get("display", {}), heads),
    )


def _parse_display(display: object, heads: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    if not isinstance(display, dict):
        raise HeadsError("[display] must hold the classes of a head in the order in which people see them.")
    orders = {head: _as_texts(classes) for head, classes in display.items()}
    for head, classes in orders.items():
        if head not in heads or not isinstance(classes, list) or sorted(map(str, classes)) != sorted(heads[head]):
            raise HeadsError(f"[display] must list every class of head {head} once, and no other.")
    return {head: tuple(classes) for head, classes in orders.items() if isinstance(classes, list)}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _as_texts(classes: object) -> object:
    """Classes that are written as whole numbers, `[0, 1]`, are what labels.csv has as texts."""
    if isinstance(classes, list) and all(type(name) is int for name in classes):
        return [str(name) for name in classes]
    return classes


def _check_classes(head: str, classes: object) -> None:
    if not _is_name(head):
        raise HeadsError("[heads] has a head without a name.")
    if not isinstance(classes, list) or len(classes) < 2 or not all(_is_name(name) for name in classes):
        raise HeadsError(f"Head {head} must be a list of at least two class names.")
    if len(set(classes)) < len(classes):
        raise HeadsError(f"Head {head} names a class twice.")


def _parse_view(name: str, view: object, heads: Mapping[str, list[str]]) -> View:
    table = view if isinstance(view, dict) else {}
    maps = {str(table["head"]): table.get("map")} if "head" in table else table.get("heads")
    if not isinstance(maps, dict) or not maps:
        raise HeadsError(f"[views.{name}] needs `head` and `map`, or a table a head.")
    for head, classes in maps.items():
        if head not in heads or not isinstance(classes, dict) or set(classes) != set(heads[head]):
            raise HeadsError(f"[views.{name}] must map every class of head {head}, and no other.")
        if not all(map(_is_name, classes.values())):
            raise HeadsError(f"[views.{name}] must map the classes of head {head} to names.")
    published = table.get("published", {})
    if not isinstance(published, dict) or not all(isinstance(figure, int | float) for figure in published.values()):
        raise HeadsError(f"[views.{name}] must publish numbers, such as {{ baseline = 0.2, winner = 0.3 }}.")
    return View(name, maps, published)
