"""Whose opinions an ensemble combines, read from `models.toml`: each a container, what it looks at, and how it is made.

`enabled`, or `MEMOTION_MODELS=a,b,c` in its place, names two to fifteen of the file's tables, in order; a table's name
is the hostname of its container.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memotion.layout import TEXTS
from memotion.script_requests import CAPTION, PICTURE

SENSES = (PICTURE, CAPTION)
# The built-in algorithms, each with what it can look at.
ALGORITHMS: Mapping[str, str] = {"image-classification": PICTURE, "blazingtext": CAPTION}
# The fewest that are an ensemble, and the most containers that an endpoint takes.
FEWEST, MOST = 2, 15
VARIABLE = "MEMOTION_MODELS"
# SageMaker's pattern of a ContainerHostname.
_HOSTNAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", re.ASCII)
_NAME = re.compile(r"(?=.{1,20}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
# What stands beside the opinions in predictions.jsonl, evaluation.json, ensemble.json and the folder `predict`.
RESERVED = frozenset({"caption", "chance", "classes", "constant", "ensemble", "labels", "texts"})
_MEMBERS = {"opinion", "sees", "algorithm", "script", "hyperparameters"}


class OpinionsError(ValueError):
    """A models file that makes no sense; the text names file and entry, and what to do."""


@dataclass(frozen=True)
class Opinion:
    """One model of the ensemble: `name` is what people read, `hostname` its container's.

    `sees` is what of a meme it is asked with. Either `algorithm` is a built-in one or `script` the folder of one's own.
    `hyperparameters` are given to it as they stand.
    """

    hostname: str
    name: str
    sees: tuple[str, ...]
    algorithm: str | None = None
    script: str | None = None
    hyperparameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def training_step(self) -> str:
        return f"Train{self.title}Classifier"

    @property
    def model_step(self) -> str:
        return f"Create{self.title}Model"

    @property
    def prediction_step(self) -> str:
        return f"Predict{self.title}{'s' if self.algorithm else ''}"

    @property
    def requests(self) -> str:
        """The file, in PrepareData's folder `predict`, of what it is asked about the held-out rows, a line a row.

        Captions as the built-in algorithm reads them are texts.jsonl; a script has a file of its own.
        """
        return TEXTS if self.algorithm else f"{self.name}.jsonl"

    @property
    def title(self) -> str:
        """The name as steps and parameters have it: `my-own` is `MyOwn`."""
        return "".join(part.capitalize() for part in self.name.split("-"))

    def can_see(self, picture: bool, caption: bool) -> bool:
        """Say whether everything that it looks at is there."""
        return (picture or PICTURE not in self.sees) and (caption or CAPTION not in self.sees)

    def to_json(self) -> dict[str, Any]:
        """Return how ensemble.json tells a client to ask it."""
        made = {"algorithm": self.algorithm} if self.algorithm else {"script": self.script}
        return {"hostname": self.hostname, "sees": list(self.sees), **made}

    @classmethod
    def from_json(cls, name: str, content: Mapping[str, Any]) -> Opinion:
        """Raise KeyError, TypeError or OpinionsError for what is none."""
        table = {key: content[key] for key in ("algorithm", "script") if key in content}
        return parse_opinion(str(content["hostname"]), {"opinion": name, "sees": content["sees"], **table})


FIRST_TWO = (
    Opinion("image-classification", "image", (PICTURE,), algorithm="image-classification"),
    Opinion("blazingtext", "text", (CAPTION,), algorithm="blazingtext"),
)
"""The opinions of packages from before an ensemble.json named them."""


def models_path(path: Path | None = None) -> Path:
    """Return `path`, else `models.toml` in the folder that holds this package."""
    return path or Path(__file__).resolve().parents[1] / "models.toml"


def load_opinions(path: Path | None = None) -> tuple[Opinion, ...]:
    """Return the enabled opinions of `models_path(path)`, in order. Raises OpinionsError naming file and entry."""
    source = models_path(path)
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OpinionsError(f"There is no models file {source}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OpinionsError(f"{source}: {error}") from error
    chosen = os.environ.get(VARIABLE)
    try:
        return parse_opinions(table, None if chosen is None else _split(chosen))
    except OpinionsError as error:
        raise OpinionsError(f"{source}: {error}") from error


def parse_opinions(table: Mapping[str, Any], chosen: Sequence[str] | None = None) -> tuple[Opinion, ...]:
    """Return the enabled opinions that a parsed TOML table describes; `chosen` are hostnames in place of `enabled`."""
    models = table.get("models")
    if not isinstance(models, dict) or not models:
        raise OpinionsError("[models] must have a table for each model.")
    opinions = {str(hostname): parse_opinion(str(hostname), content) for hostname, content in models.items()}
    return _enabled(opinions, *(("enabled", table.get("enabled")) if chosen is None else (VARIABLE, chosen)))


def parse_opinion(hostname: str, content: object) -> Opinion:
    """Return what one table describes; OpinionsError says which entry does not fit."""
    where = f"[models.{hostname}]"
    if not _HOSTNAME.fullmatch(hostname):
        raise OpinionsError(f"{where}: a container's name is 1 to 63 letters and digits, hyphens between them.")
    if not isinstance(content, dict):
        raise OpinionsError(f"{where} must be a table.")
    unknown = content.keys() - _MEMBERS
    if unknown:
        raise OpinionsError(f"{where} has `{min(unknown)}`, which is none of {', '.join(sorted(_MEMBERS))}.")
    name, sees = content.get("opinion"), content.get("sees")
    _check_name(where, name)
    if not isinstance(sees, list) or not sees or [each for each in SENSES if each in sees] != sees:
        raise OpinionsError(f'{where}: `sees` is ["picture"], ["caption"] or ["picture", "caption"], not {sees!r}.')
    algorithm, script = _made(where, content, sees)
    given = content.get("hyperparameters", {})
    return Opinion(hostname, str(name), tuple(sees), algorithm, script, _hyperparameters(where, given))


def script_opinions(opinions: Iterable[Opinion]) -> tuple[Opinion, ...]:
    """Return those that are made by a script of one's own."""
    return tuple(opinion for opinion in opinions if opinion.script is not None)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _check_name(where: str, name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise OpinionsError(
            f"{where}: `opinion` is at most 20 lower-case letters and digits, hyphens between them, not {name!r}."
        )
    if name in RESERVED:
        raise OpinionsError(f"{where}: `opinion` is {name!r}, which stands for something else already.")


def _made(where: str, content: Mapping[str, Any], sees: list[str]) -> tuple[str | None, str | None]:
    algorithm, script = content.get("algorithm"), content.get("script")
    if (algorithm is None) == (script is None):
        raise OpinionsError(f"{where} needs either `algorithm` or `script`.")
    if script is not None:
        if not isinstance(script, str) or not script.strip():
            raise OpinionsError(f"{where}: `script` is a folder such as models/NAME, not {script!r}.")
        return None, script
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise OpinionsError(f"{where}: `algorithm` is one of {', '.join(ALGORITHMS)}, not {algorithm!r}.")
    if sees != [ALGORITHMS[algorithm]]:
        raise OpinionsError(f'{where}: {algorithm} sees ["{ALGORITHMS[algorithm]}"] and nothing else.')
    return algorithm, None


def _hyperparameters(where: str, content: object) -> dict[str, str]:
    if not isinstance(content, dict):
        raise OpinionsError(f"{where}: `hyperparameters` is a table.")
    for name, value in content.items():
        if not isinstance(value, str | int | float | bool):
            raise OpinionsError(f"{where}: the hyperparameter {name} is a text, a number or true or false.")
    return {str(name): str(value).lower() if isinstance(value, bool) else str(value) for name, value in content.items()}


def _enabled(opinions: Mapping[str, Opinion], source: str, chosen: object) -> tuple[Opinion, ...]:
    if not isinstance(chosen, list) or not all(isinstance(hostname, str) for hostname in chosen):
        raise OpinionsError(f"`{source}` is a list of the models' names.")
    absent = [hostname for hostname in chosen if hostname not in opinions]
    if absent:
        raise OpinionsError(f"`{source}` names {absent[0]}, which has no table: there are {', '.join(opinions)}.")
    if len(set(chosen)) < len(chosen):
        raise OpinionsError(f"`{source}` names a model twice.")
    if not FEWEST <= len(chosen) <= MOST:
        raise OpinionsError(f"`{source}` names {len(chosen)} models: an ensemble has {FEWEST} to {MOST}.")
    enabled = tuple(opinions[hostname] for hostname in chosen)
    for each in ("name", "title", "prediction_step"):
        names = [getattr(opinion, each) for opinion in enabled]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise OpinionsError(f"two enabled models are called {twice[0]}: each needs an `opinion` of its own.")
    return enabled
