"""`python -m localcloud VERB`, also as `localcloud VERB`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from localcloud.definition.command_line import add_validate
from localcloud.gateway.command_line import add_run, add_serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; its exit code."""
    parser = argparse.ArgumentParser("localcloud", description="The SageMaker service on this machine.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for add in (add_validate, add_serve, add_run):
        add(verbs)
    options = parser.parse_args(arguments)
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
