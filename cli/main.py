"""The command line: an error leaves it as one sentence on stderr, with exit code 1, or 2 for wrong usage."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import typer

# In the order of --help: each module registers its verbs when it is imported.
from cli.verbs import definition, execution, registry, release, serving, studio, local  # noqa: F401  # isort: skip
from cli.app import INTERRUPTED, PROGRAM, app
from cli.streams import open_streams
from cli.visible import visible
from pipeline.errors import PipelineError

FAILED = 1
COMMAND = re.compile(rf"`({PROGRAM} [^`]*)`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit code. Never raises what a person may cause, or AWS."""
    open_streams()
    argv = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return app(argv, prog_name="pipeline.py", standalone_mode=False) or 0
    except typer.Abort:
        return INTERRUPTED
    except typer.TyperException as error:
        help_line = f"`{PROGRAM} --help` names the verbs, `{PROGRAM} VERB --help` its options"
        return _refuse(f"{error.format_message().rstrip('.')}; {help_line}", 2)
    except PipelineError as error:
        return _refuse(_as_typed(str(error), argv), error.exit_code)
    except _foreign_errors() as error:
        return _refuse(_sentence(error), FAILED)


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"error: {visible(sentence)}\n")
    return code


def _as_typed(sentence: str, argv: Sequence[str]) -> str:
    """Whoever typed --local goes on typing it: commands that a sentence names get it too."""
    return COMMAND.sub(r"`\1 --local`", sentence) if "--local" in argv else sentence


def _foreign_errors() -> tuple[type[Exception], ...]:
    """Looked up when something was raised, so that a verb without AWS never imports its client."""
    from inference.errors import InferenceError
    from memotion.heads import HeadsError
    from memotion.opinions import OpinionsError
    from pipeline.aws_errors import FROM_AWS

    return *FROM_AWS, InferenceError, HeadsError, OpinionsError, OSError


def _sentence(error: Exception) -> str:
    from pipeline.aws_errors import FROM_AWS, sentence

    return sentence(error) if isinstance(error, (*FROM_AWS, OSError)) else str(error)
