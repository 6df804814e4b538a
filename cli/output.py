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

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.segment import Segment

from cli.visible import visible, visible_json

# Wide enough that no line is broken where a program may read it.
UNBROKEN = 10_000


class _VisibleConsole(Console):
    """Shows the control characters of texts; what moves the cursor and sets colours is rich's own."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


def console(error: bool = False) -> Console:
    """A console that prints what it is given: no markup and no control characters in texts from logs and people."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else UNBROKEN
    return _VisibleConsole(file=stream, width=width, markup=False, highlight=False, emoji=False)


def show(answer: RenderableType) -> None:
    """A table or text on stdout, without the blanks that a table's last column ends in."""
    screen = console()
    with screen.capture() as shown:
        screen.print(answer)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in shown.get().splitlines()))


def show_json(answer: object) -> None:
    """One JSON document on stdout; times as ISO 8601."""
    text = json.dumps(_plain(answer), indent=2, ensure_ascii=False, default=_time)
    sys.stdout.write(f"{visible_json(text)}\n")


def show_json_line(answer: object) -> None:
    """One JSON document on a line of its own, at once."""
    text = json.dumps(_plain(answer), ensure_ascii=False, default=_time)
    sys.stdout.write(f"{visible_json(text)}\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """A line or more of text on stdout."""
    sys.stdout.write(f"{visible(text)}\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """A sentence on stderr."""
    sys.stderr.write(f"{visible(text)}\n")
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
    """Write an HTML page where the browser can read it, and open it there: in a sandbox in which nothing runs."""
    from cli.sandbox import sandboxed

    with NamedTemporaryFile("wb", prefix="memotion-", suffix=".html", delete=False) as file:
        file.write(sandboxed(page))
    path = Path(file.name)
    webbrowser.open(path.as_uri())
    return path
