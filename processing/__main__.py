"""The entry point of the PrepareData job: `python3 -m processing --data DIR --output DIR --job-config FILE …`."""

from __future__ import annotations

import logging
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from memotion.dependencies import DependencyError, install_missing
from memotion.exit_message import fail
from memotion.heads import HeadsError, load_heads
from processing.errors import PreparationError, UsageError

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 refused, 2 wrong usage. A refusal is one sentence: last line and exit message."""
    argv = sys.argv[1:] if arguments is None else list(arguments)
    logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.INFO)
    try:
        _prepare(argv)
    except UsageError as error:
        return fail(error, _message_file(argv), exit_code=2)
    except (PreparationError, HeadsError, DependencyError, OSError, sqlite3.Error) as error:
        return fail(error, _message_file(argv), exit_code=1)
    return 0


def _prepare(argv: Sequence[str]) -> None:
    from processing.arguments import output_uri, parse_arguments

    arguments = parse_arguments(argv)
    uri = output_uri(arguments.job_config)
    install_missing(REQUIREMENTS)
    from processing.job import prepare  # not before its requirements are installed

    prepare(arguments, uri, load_heads())


def _message_file(argv: Sequence[str]) -> Path | None:
    """`ML/output/message` where the job's configuration lies in `ML/config`; None where there is no such folder."""
    if "--job-config" not in argv[:-1]:
        return None
    configuration = Path(argv[argv.index("--job-config") + 1]).absolute().parent
    return configuration.parent / "output" / "message" if configuration.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
