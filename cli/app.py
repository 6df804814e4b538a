"""What all verbs share: the application, its help, `--local` and `--json` on either side of a verb, the connection."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from pipeline.account.session import Connection
    from pipeline.definition.settings import Settings

PROGRAM = "python pipeline.py"
INTERRUPTED = 130


class Verbs(TyperGroup):
    """Lists the verbs in the order in which one meets them, each with an example."""

    def list_commands(self, _context: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, _context: Any, formatter: Any) -> None:
        formatter.write("\nVerbs:\n")
        for name, command in self.commands.items():
            summary = (command.help or "").partition("\n")[0]
            formatter.write(f"  {name:<12} {summary}\n  {'':<12} {command.epilog}\n")


app = typer.Typer(cls=Verbs, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)


def _on_either_side(context: typer.Context, parameter: typer.CallbackParam, value: bool) -> bool:
    """The option counts where it stands before the verb, too."""
    return value or bool(context.find_root().params.get(parameter.name or ""))


Local = Annotated[
    bool,
    typer.Option(
        "--local",
        envvar="MEMOTION_LOCAL",
        callback=_on_either_side,
        help="On this machine, without AWS; its state lies in .memotion/ or MEMOTION_HOME.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", callback=_on_either_side, help="JSON on stdout, spelt as SageMaker spells it.")
]
Execution = Annotated[
    str | None,
    typer.Argument(
        metavar="EXECUTION", help="Its ARN or the last part of it; the newest execution where none is given."
    ),
]
BOTH = {"local": Local, "as_json": Json}
Wait = Annotated[bool, typer.Option("--wait", help="Stay until it ends; exit code 1 unless it succeeds.")]


@app.callback()
def root(local: Local = False, as_json: Json = False) -> None:
    """From labelled memes to a deployed ensemble of models: a SageMaker pipeline, in AWS or on one machine."""


def verb(example: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the verb that the example begins with; its docstring is the help.

    Every verb takes `--local` and `--json`, whether its function has a use for them or not.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        name = example.split()[0]
        app.command(name, epilog=f"$ {PROGRAM} {example}")(_taking_both(function))
        return function

    return register


def _taking_both(function: Callable[..., None]) -> Callable[..., None]:
    own = inspect.signature(function, eval_str=True).parameters
    absent = {name: option for name, option in BOTH.items() if name not in own}

    @wraps(function)
    def accepting(**options: Any) -> None:
        function(**{name: value for name, value in options.items() if name not in absent})

    keyword = inspect.Parameter.KEYWORD_ONLY
    more = [inspect.Parameter(name, keyword, default=False, annotation=option) for name, option in absent.items()]
    signature = inspect.Signature([*own.values(), *more])
    accepting.__signature__ = signature  # type: ignore[attr-defined]  # what inspect, and so Typer, looks at first
    accepting.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    return accepting


def connected(local: bool) -> tuple[Connection, Settings]:
    """The settings and a session over them. Raises SettingsError."""
    from pipeline.account.session import connect
    from pipeline.definition.settings import load_settings

    settings = load_settings()
    return connect(local, settings), settings


def typed(verb_and_arguments: str, local: bool) -> str:
    """What a person would type next: with --local, unless the environment says so."""
    needed = local and not os.environ.get("MEMOTION_LOCAL")
    return f"`{PROGRAM} {verb_and_arguments}{' --local' if needed else ''}`"
