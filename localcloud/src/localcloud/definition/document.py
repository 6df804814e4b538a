"""A definition's text, read into the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn

from localcloud.definition.model import Definition
from localcloud.errors import ValidationException

MAX_CHARACTERS = 1_048_576


def read(definition: str | bytes) -> Definition:
    """The steps, edges and parameters of a definition, and where each argument of a step comes from.

    Whether it is a sound one, `validate` says; here it only has to be JSON with a list of steps.

        >>> read(text).steps["Train"].origins[0]
        Argument(path='HyperParameters.epochs', value={'Get': 'Parameters.Epochs'}, references=(Reference(…),))

    Raises ValidationException.
    """
    try:
        text = definition if isinstance(definition, str) else definition.decode("utf-8")
        if len(text) > MAX_CHARACTERS:
            raise ValidationException(f"the definition has {len(text)} characters: at most {MAX_CHARACTERS}")
        document = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise ValidationException(f"the definition is not JSON: {error}") from None
    except RecursionError:
        raise ValidationException("the definition is nested more deeply than any request of the service") from None
    if not isinstance(document, Mapping):
        raise ValidationException("the definition is not a JSON object with a list of Steps")
    return Definition(text, document)


def _refuse_constant(name: str) -> NoReturn:
    """Python's reader takes NaN and Infinity, which are not JSON."""
    raise ValueError(f"{name} is no JSON value")
