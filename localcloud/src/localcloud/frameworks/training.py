"""The command by which the training toolkit runs a person's program, and how it reports that the program failed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from localcloud.frameworks import hyperparameters
from localcloud.frameworks.hyperparameters import PROGRAM, SUBMIT_DIRECTORY

PROGRAM_VARIABLE, SUBMIT_DIRECTORY_VARIABLE = PROGRAM.upper(), SUBMIT_DIRECTORY.upper()


def program_of(request: Mapping[str, Any]) -> str | None:
    """Return the program that a CreateTrainingJob request names for the toolkit, `train.py`; None where it names none.

    The variable SAGEMAKER_PROGRAM of its Environment goes before the hyperparameter, as in the toolkit.
    """
    values = hyperparameters.decoded(request.get("HyperParameters") or {})
    program = (request.get("Environment") or {}).get(PROGRAM_VARIABLE) or values.get(PROGRAM)
    return str(program) if program else None


def names_program(request: Mapping[str, Any]) -> bool:
    """Return whether a CreateTrainingJob request, of any form, names a program, if only by an expression."""
    members = (
        ("AlgorithmSpecification", "ContainerEntrypoint"),
        ("HyperParameters", PROGRAM),
        ("Environment", PROGRAM_VARIABLE),
    )
    places = ((request.get(part), member) for part, member in members)
    return any(isinstance(part, Mapping) and part.get(member) for part, member in places)


def source_of(request: Mapping[str, Any]) -> str | None:
    """Return what the request names as the program's folder; None where it names none."""
    source = hyperparameters.decoded(request.get("HyperParameters") or {}).get(SUBMIT_DIRECTORY)
    return str(source) if source else None


def command(python: str, code: Path, program: str, arguments: Sequence[str]) -> list[str]:
    """Return the command to be run in `code`: a script, the module of a package (setup.py), or a shell script."""
    if program.endswith(".py") and not (code / "setup.py").is_file():
        return [python, program, *arguments]
    if program.endswith(".sh") or not (code / "setup.py").is_file():
        (code / program).chmod(0o755)
        return ["/bin/sh", "-c", shlex.join([f"./{program}", *arguments])]
    return [python, "-m", program.removesuffix(".py"), *arguments]


def failure(code: int, message: str, command: Sequence[str]) -> str:
    """Return what the toolkit writes into output/failure for a program that ended with this exit code."""
    return f'ExecuteUserScriptError:\nExitCode {code}\nErrorMessage "{message}"\nCommand "{shlex.join(command)}"'
