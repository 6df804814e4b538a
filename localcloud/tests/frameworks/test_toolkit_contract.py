"""What a program is told, beside what AWS's own packages recorded (record_toolkit.py)."""

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from localcloud.frameworks import hyperparameters
from localcloud.frameworks.encoding import ContentTypeError, decode, encode
from localcloud.frameworks.environment import TrainingEnvironment

HERE = Path(__file__).parent
TOOLKIT = json.loads((HERE / "toolkit.json").read_text())
MACHINES = {"SM_NUM_CPUS", "SM_NUM_GPUS", "SM_NUM_NEURONS", "SM_TRAINING_ENV"}


def recorded() -> Any:
    """What the recording was made of."""
    spec = importlib.util.spec_from_file_location("record_toolkit", HERE / "record_toolkit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GIVEN = recorded()


def environment() -> TrainingEnvironment:
    files = GIVEN.CONFIGURATION
    values = hyperparameters.decoded(files["hyperparameters"])
    return TrainingEnvironment("/opt/ml", "job", "train.py", values, files["inputdataconfig"], files["resourceconfig"])


def test_a_program_gets_the_variables_that_the_toolkit_sets_and_no_others() -> None:
    ours, theirs = environment().variables(), TOOLKIT["training"]["variables"]
    assert ours.keys() == theirs.keys()
    differing = {name: (ours[name], theirs[name]) for name in ours.keys() - MACHINES if ours[name] != theirs[name]}
    assert not differing


def test_the_whole_training_environment_is_the_toolkits_but_for_the_machine() -> None:
    ours, theirs = (
        json.loads(variables["SM_TRAINING_ENV"])
        for variables in (environment().variables(), TOOLKIT["training"]["variables"])
    )
    machine = {"num_cpus", "num_gpus", "num_neurons"}
    assert ours.keys() == theirs.keys()
    assert {name: ours[name] for name in ours.keys() - machine} == {
        name: theirs[name] for name in theirs.keys() - machine
    }


def test_hyperparameters_become_the_arguments_that_the_toolkit_gives() -> None:
    values = hyperparameters.decoded(GIVEN.CONFIGURATION["hyperparameters"])
    assert hyperparameters.arguments(hyperparameters.of_program(values)) == TOOLKIT["training"]["arguments"]


@pytest.mark.parametrize("content_type", TOOLKIT["encodings"]["encoded"])
def test_arrays_are_written_as_the_toolkit_writes_them(content_type: str) -> None:
    theirs = [base64.b64decode(body) for body in TOOLKIT["encodings"]["encoded"][content_type]]
    assert [encode(array, content_type) for array in GIVEN.ARRAYS] == theirs


@pytest.mark.parametrize(("number", "content_type", "body"), [(n, *body) for n, body in enumerate(GIVEN.BODIES)])
def test_bodies_are_read_as_the_toolkit_reads_them(number: int, content_type: str, body: str) -> None:
    assert GIVEN.described(decode(body, content_type)) == TOOLKIT["encodings"]["decoded"][number]


def test_a_pickled_array_is_refused_and_an_unknown_type_is_named() -> None:
    pickled = encode([{"a": 1}], "application/x-npy")
    with pytest.raises(ValueError, match="allow_pickle"):
        decode(pickled, "application/x-npy")
    with pytest.raises(ContentTypeError, match="image/png"):
        decode(b"", "image/png")
