"""The verbs that concern this machine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.app import Json, Local, connected, verb

# Fewer leave a training set smaller than a batch.
ENOUGH_TO_TRAIN = 60


@verb("sample-data memes/ --rows 600 --seed 0")
def sample_data(
    directory: Annotated[Path, typer.Argument(help="A new folder.")],
    rows: Annotated[int, typer.Option(min=1, help="How many memes.")] = 600,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same memes.")] = 0,
    as_json: Json = False,
) -> None:
    """Draw a data set that can be learnt, with the heads and columns that heads.toml names."""
    from cli import output
    from memotion.heads import load_heads
    from samples.data import write_sample

    with output.progress("drawing", rows) as advance:
        write_sample(directory, rows, seed, load_heads(), lambda _: advance(1))
    if as_json:
        output.show_json({"Directory": str(directory), "Rows": rows, "Seed": seed})
    else:
        start = f"; `python pipeline.py start --local --data {directory} --wait` trains on it"
        typer.echo(f"{directory}: {rows} row{'s' if rows > 1 else ''}{start if rows >= ENOUGH_TO_TRAIN else ''}")


@verb("prune --keep 5 --local")
def prune(
    keep: Annotated[int, typer.Option(min=1, help="So many of the newest stay, whatever needs them.")] = 5,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Delete old executions from this machine that no package, endpoint or cache hit needs."""
    from cli import output
    from pipeline.account.session import prune_executions
    from pipeline.errors import UsageError

    if not local:
        raise UsageError("prune is for this machine's executions: add --local")
    _, settings = connected(local)
    done = prune_executions(settings.pipeline_name, keep)
    if as_json:
        output.show_json({"Executions": list(done.executions), "FreedBytes": done.freed})
    else:
        typer.echo(f"{len(done.executions)} executions deleted, {done.freed / 1e6:.1f} MB freed")
