"""exploration.html: everything that was looked at on one page that needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_STYLE = """
:root { --ground: #fff; --ink: #1f2933; --quiet: #52606d; --line: #d8dee6; --tile: #f2f5f8; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181c; --ink: #e9e7e2; --quiet: #a2abb5; --line: #363c44; --tile: #1d2126; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 66rem; margin: 2rem auto; padding: 0 clamp(.8rem, 3vw, 1.5rem); }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
p.lead { color: var(--quiet); margin-top: .25rem; }
ul.tiles { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; list-style: none; }
ul.tiles li { background: var(--tile); border-radius: .5rem; padding: .5rem 1rem; min-width: 6rem; }
ul.tiles b { display: block; font-size: 1.5rem; }
figure { margin: 1rem 0; } figure, .scroll { overflow-x: auto; }
img { display: block; max-width: 100%; height: auto; background: #fff; }
/* A figure is drawn on white: in the dark its lightness is turned round, and its hues are kept. */
@media (prefers-color-scheme: dark) { figure img.drawn { filter: invert(0.88) hue-rotate(180deg); } }
table { border-collapse: collapse; font-size: .875rem; } th, td { padding: .2rem .75rem; text-align: right; }
th { color: var(--quiet); font-weight: 600; } tr { border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, .words td, .words th { text-align: left; } .words td { overflow-wrap: anywhere; }
/* A figure keeps a size at which it can be read, and is moved under a narrow window. */
@media (max-width: 44rem) { img { max-width: 42rem; } th, td { padding: .2rem .4rem; } }
"""


@dataclass(frozen=True)
class Table:
    """Rows of cells under a row of names; columns hold numbers but for the first, or words where `words` says so."""

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    words: bool = False


@dataclass(frozen=True)
class Section:
    """A heading, what there is to say, a figure (its name and PNG) and a table, where there are any."""

    title: str
    text: str
    figure: tuple[str, bytes] | None = None
    table: Table | None = None


def render(title: str, lead: str, tiles: Iterable[tuple[str, object]], sections: Iterable[Section]) -> str:
    """The page; every text is escaped, every figure stands in it."""
    body = "".join(f"<li><b>{escape(str(value))}</b>{escape(name)}</li>" for name, value in tiles)
    parts = [f'<h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p><ul class="tiles">{body}</ul>']
    parts += map(_section, sections)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>\n'
        + "<main>\n"
        + "\n".join(parts)
        + "\n</main></html>\n"
    )


def _section(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2><p>{escape(section.text)}</p>"]
    if section.figure is not None:
        name, png = section.figure
        source = base64.b64encode(png).decode()
        image = f'<img class="drawn" alt="{escape(name)}" src="data:image/png;base64,{source}">'
        parts.append(f'<figure tabindex="0">{image}</figure>')
    if section.table is not None:
        parts.append(_table(section.table))
    return "".join(parts)


def _table(table: Table) -> str:
    header = "".join(f"<th>{escape(name)}</th>" for name in table.header)
    rows = ("".join(f"<td>{escape(_cell(cell))}</td>" for cell in row) for row in table.rows)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    kind = ' class="words"' if table.words else ""
    return f'<div class="scroll" tabindex="0"><table{kind}><tr>{header}</tr>{body}</table></div>'


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3f}"
    return str(value)
