"""The pictures of the sample: drawn, stored in the formats of the wild, up to four heads to be seen at 28 pixels.

Each head that follows the picture has a cue of its own: the hue of the ground, the figure in the middle, the brightness
of the frame, the number of stripes. Every ground has its own texture, so that no two pictures pass for the same.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CUES = 4
"""How many heads a picture can follow."""

_LINE = 15
_SMALL = 0.1
"""The share of pictures that are small, some smaller than what the image model sees."""


class Shade(NamedTuple):
    """A class as a picture shows it: number `rank` of `among`."""

    rank: int
    among: int


class Format(NamedTuple):
    """A way in which pictures are stored: the suffix of the name, Pillow's format and mode, and how often."""

    suffix: str
    encoder: str
    mode: str
    weight: int


FORMATS = (
    Format("jpg", "JPEG", "RGB", 60),
    Format("jpeg", "JPEG", "RGB", 6),
    Format("JPG", "JPEG", "RGB", 4),
    Format("jpe", "JPEG", "RGB", 1),
    Format("jpg", "JPEG", "L", 1),
    Format("png", "PNG", "RGB", 10),
    Format("png", "PNG", "P", 6),
    Format("png", "PNG", "RGBA", 5),
    Format("PNG", "PNG", "RGB", 2),
    Format("bmp", "BMP", "RGB", 2),
    Format("gif", "GIF", "P", 2),
    Format("webp", "WEBP", "RGB", 1),
)

_UNSEEN = Shade(0, 1)


def draw_picture(cues: Sequence[Shade], caption: str, form: Format, draw: np.random.Generator) -> bytes:
    """A picture that shows each of `cues` (at most CUES) and, where there is room for it, its caption."""
    hue, figure, frame, stripes = (*cues, *[_UNSEEN] * CUES)[:CUES]
    low, high = (20, 120) if draw.random() < _SMALL else (200, 320)
    width, height = int(draw.integers(low, high)), int(draw.integers(low, high))
    picture = _ground(width, height, hue, stripes, draw)
    pencil = ImageDraw.Draw(picture)
    edge = _draw_frame(pencil, picture.size, frame, draw)
    top = _write(pencil, (edge, edge, width - edge, height - edge), caption)
    _draw_figure(pencil, (edge, top, width - edge, height - edge), figure, draw)
    return _encode(picture, form)


def _ground(width: int, height: int, hue: Shade, stripes: Shade, draw: np.random.Generator) -> Image.Image:
    angle = (hue.rank + draw.uniform(-0.15, 0.15)) / hue.among
    colour = np.array(colorsys.hsv_to_rgb(angle % 1, draw.uniform(0.55, 0.9), draw.uniform(0.6, 0.9)), np.float32)
    blots = Image.fromarray(draw.integers(0, 256, (12, 12), dtype=np.uint8)).resize((width, height))
    grain = draw.integers(-8, 9, (height, width), dtype=np.int8)
    wave = 70 * np.sin(np.linspace(0, 4 * np.pi * stripes.rank, width, dtype=np.float32))
    light = (np.asarray(blots, np.float32) / 255 - 0.5) * 70 + grain + wave
    return Image.fromarray(np.clip(colour * 255 + light[:, :, None], 0, 255).astype(np.uint8))


def _draw_frame(pencil: ImageDraw.ImageDraw, size: tuple[int, int], frame: Shade, draw: np.random.Generator) -> int:
    """The frame's width: 0 where no head is shown by it."""
    if frame is _UNSEEN:
        return 0
    level = round(255 * (frame.rank + draw.uniform(-0.15, 0.15)) / (frame.among - 1))
    edge = round(min(size) * 0.12)
    pencil.rectangle((0, 0, *size), outline=(min(max(level, 0), 255),) * 3, width=edge)
    return edge


def _write(pencil: ImageDraw.ImageDraw, box: tuple[int, int, int, int], caption: str) -> int:
    """The caption on a white strip along the top of `box`, unless it would take half of it; where the strip ends."""
    left, top, right, bottom = box
    lines = _lines(caption, right - left - 8)
    height = len(lines) * _LINE + 6
    if height > (bottom - top) / 3:
        return top
    pencil.rectangle((left, top, right, top + height), fill="white")
    for number, line in enumerate(lines):
        pencil.text((left + 4, top + 2 + number * _LINE), line, fill="black", font=_font())
    return top + height


def _lines(caption: str, width: int) -> list[str]:
    lines = [""]
    for word in caption.split():
        longer = f"{lines[-1]} {word}".strip()
        if _font().getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_LINE - 2)


def _draw_figure(
    pencil: ImageDraw.ImageDraw, box: tuple[int, int, int, int], figure: Shade, draw: np.random.Generator
) -> None:
    """The figure of a class about the middle of `box`; past the last kind, two and three of a kind side by side."""
    if figure is _UNSEEN:
        return
    left, top, right, bottom = box
    side = min(right - left, bottom - top) * draw.uniform(0.75, 0.9)
    x = left + (right - left - side) * draw.uniform(0.3, 0.7)
    y = top + (bottom - top - side) * draw.uniform(0.3, 0.7)
    copies, kind = figure.rank // len(_FIGURES) + 1, _FIGURES[figure.rank % len(_FIGURES)]
    ink = "black"
    for copy in range(copies):
        kind(pencil, x + copy * side / copies, y, side / copies * 0.95, ink)


def _disc(pencil: ImageDraw.ImageDraw, x: float, y: float, side: float, ink: str) -> None:
    pencil.ellipse((x, y, x + side, y + side), fill=ink)


def _cross(pencil: ImageDraw.ImageDraw, x: float, y: float, side: float, ink: str) -> None:
    third = side / 3
    pencil.rectangle((x + third, y, x + 2 * third, y + side), fill=ink)
    pencil.rectangle((x, y + third, x + side, y + 2 * third), fill=ink)


def _ring(pencil: ImageDraw.ImageDraw, x: float, y: float, side: float, ink: str) -> None:
    pencil.ellipse((x, y, x + side, y + side), outline=ink, width=max(1, round(side / 5)))


def _bars(pencil: ImageDraw.ImageDraw, x: float, y: float, side: float, ink: str) -> None:
    for start in (0.0, 0.4, 0.8):
        pencil.rectangle((x, y + start * side, x + side, y + (start + 0.2) * side), fill=ink)


def _wedge(pencil: ImageDraw.ImageDraw, x: float, y: float, side: float, ink: str) -> None:
    pencil.polygon([(x, y + side), (x + side / 2, y), (x + side, y + side)], fill=ink)


_Figure = Callable[[ImageDraw.ImageDraw, float, float, float, str], None]
_FIGURES: tuple[_Figure, ...] = (_disc, _cross, _ring, _bars, _wedge)


def _encode(picture: Image.Image, form: Format) -> bytes:
    if form.mode == "RGBA":
        picture.putalpha(235)
    target = BytesIO()
    picture.convert(form.mode).save(target, form.encoder, compress_level=1)
    return target.getvalue()
