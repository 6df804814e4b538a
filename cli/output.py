"""Where verbs write: answers on stdout, a table for people or JSON for programs; all that is said besides on stderr."""

from __future__ import annotations

import json
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

# Wide enough that no line is broken where a program may read it.
UNBROKEN = 10_000


def console(error: bool = False) -> Console:
    """A console that prints what it is given: no markup in texts that come from logs and people."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else UNBROKEN
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def show(answer: RenderableType) -> None:
    """A table or text on stdout, without the blanks that a table's last column ends in."""
    screen = console()
    with screen.capture() as shown:
        screen.print(answer)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in shown.get().splitlines()))


def show_json(answer: object) -> None:
    """One JSON document on stdout; times as ISO 8601."""
    sys.stdout.write(json.dumps(_plain(answer), indent=2, ensure_ascii=False, default=_time) + "\n")


def show_json_line(answer: object) -> None:
    """One JSON document on a line of its own, at once."""
    sys.stdout.write(json.dumps(_plain(answer), ensure_ascii=False, default=_time) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A sentence on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _plain(answer: Any) -> Any:
    """Without what belongs to the call and not to the answer."""
    if isinstance(answer, Mapping):
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return answer


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in an answer")


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, that the block moves by so many at a time; elsewhere a line at the end."""
    if not total:
        yield lambda _: None
        return
    done = 0
    bar = Progress(TextColumn(what), BarColumn(), MofNCompleteColumn(), console=console(error=True))

    def advance(count: int) -> None:
        nonlocal done
        done += count
        bar.update(task, advance=count)

    task = bar.add_task(what, total=total)
    if sys.stderr.isatty():
        with bar:
            yield advance
    else:
        yield advance
        say(f"{what}: {done} of {total}")


def open_page(page: bytes) -> Path:
    """Write an HTML page where the browser can read it, and open it there."""
    with NamedTemporaryFile("wb", prefix="memotion-", suffix=".html", delete=False) as file:
        file.write(page)
    path = Path(file.name)
    webbrowser.open(path.as_uri())
    return path
