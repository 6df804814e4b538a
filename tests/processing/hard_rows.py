"""A folder of everything that is hard: each case a row, its file, and what has to become of it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tests.processing.data_folder import Data, encoded, texture

CORNERS = ((200, 30, 30), (30, 160, 40), (40, 60, 190), (235, 225, 60))


class Case(NamedTuple):
    """A row: its picture, the file, its caption; its fate, and the reason where that is not to be kept."""

    image_name: str
    data: bytes | None
    caption: str = ""
    fate: str = "kept"
    reason: str = ""
    corners: bool = False


def quarters() -> Image.Image:
    """A picture whose quarters have four colours, over a texture of their own each time."""
    picture = Image.new("RGB", (64, 48))
    for place, colour in enumerate(CORNERS):
        picture.paste(colour, (place % 2 * 32, place // 2 * 24, place % 2 * 32 + 32, place // 2 * 24 + 24))
    return picture


def turned(orientation: int) -> bytes:
    """The quarters, stored so that they have to be turned to stand upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[orientation]
    return encoded(quarters().transpose(stored), "JPEG", quality=95, exif=exif)


def bomb() -> bytes:
    """A PNG that claims 50,000 by 50,000 pixels."""
    data = bytearray(encoded(Image.new("L", (1, 1)), "PNG"))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def passes(count: int) -> bytes:
    """A progressive JPEG whose last scan is there `count` times more."""
    data = encoded(quarters(), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + b"\xff\xd9"


def pictures() -> Iterator[Case]:
    """Every way in which a usable picture is stored."""
    alpha = quarters().convert("RGBA")
    grey = texture(101).convert("L")
    deep = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    yield Case("plain.jpg", encoded(quarters(), "JPEG", quality=95), corners=True)
    yield Case("progressive.jpeg", encoded(quarters(), "JPEG", quality=94, progressive=True), corners=True)
    yield Case("SHOUTING.JPG", encoded(quarters(), "JPEG", quality=93), corners=True)
    yield Case("short.jpe", encoded(quarters(), "JPEG", quality=92), corners=True)
    yield Case("inks.jpg", encoded(quarters().convert("CMYK"), "JPEG", quality=95), corners=True)
    yield Case("upside down.jpg", turned(3), corners=True)
    yield Case("on its side.jpg", turned(6), corners=True)
    yield Case("on its other side.jpg", turned(8), corners=True)
    yield Case("true.png", encoded(quarters(), "PNG"), corners=True)
    yield Case("palette.PNG", encoded(quarters().quantize(8), "PNG"), corners=True)
    yield Case("alpha.png", encoded(alpha, "PNG"), corners=True)
    yield Case("deep.png", encoded(Image.fromarray(deep), "PNG"))
    yield Case("bits.png", encoded(texture(102).convert("1"), "PNG"))
    yield Case("grey.jpg", encoded(grey, "JPEG"))
    yield Case("grey alpha.png", encoded(grey.convert("LA"), "PNG"))
    yield Case("moving.gif", encoded(quarters(), "GIF", save_all=True, append_images=[texture(103)]), corners=True)
    yield Case("windows.bmp", encoded(quarters(), "BMP"), corners=True)
    yield Case("web.webp", encoded(quarters(), "WEBP", lossless=True), corners=True)
    yield Case("a png that says.jpg", encoded(quarters(), "PNG", compress_level=1), corners=True)
    yield Case("a jpeg that says.png", encoded(quarters(), "JPEG", quality=91), corners=True)
    yield Case("no extension", encoded(texture(104), "PNG"))
    yield Case("100% #1 & ünïcode 图.jpg", encoded(texture(105), "JPEG"))
    yield Case("tiny.png", encoded(texture(106, (1, 1)), "PNG"))
    yield Case("thin.png", encoded(texture(107, (900, 2)), "PNG"))


def unusable() -> Iterator[Case]:
    """Every way in which a picture cannot be used."""
    whole = encoded(texture(200), "JPEG")
    for name, data, reason in (
        ("cut.jpg", whole[: len(whole) // 2], "cannot be decoded"),
        ("cut.png", encoded(texture(201), "PNG")[:-30], "cannot be decoded"),
        ("cut.gif", encoded(texture(202), "GIF")[:900], "cannot be decoded"),
        ("cut.webp", encoded(texture(203), "WEBP")[:60], "it "),
        ("spoilt.jpg", encoded(quarters(), "AVIF")[:-20] + bytes(20), "cannot be decoded"),
        ("empty.jpg", b"", "empty"),
        ("text.jpg", b"404 Not Found", "none of JPEG"),
        ("page.png", b"<!doctype html><title>Sign in</title>", "none of JPEG"),
        ("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "none of JPEG"),
        ("bomb.png", bomb(), "more than"),
        ("passes.jpg", passes(10_000), "scans"),
        ("missing.jpg", None, "no such file"),
        ("folder.jpg", None, "a folder"),
        ("pipe.jpg", None, "not an ordinary file"),
        ("../labels.csv", None, "not that of a file in images/"),
        ("/etc/hostname", None, "not that of a file in images/"),
        ("", None, "not that of a file in images/"),
        ("x" * 300 + ".jpg", None, "300 bytes"),
        ("ü" * 125 + ".jpg", encoded(texture(204), "JPEG"), "250 bytes"),
        ("y" * 255, encoded(texture(205), "JPEG"), "255 bytes"),
    ):
        yield Case(name, data, fate="rejected", reason=reason)


def speechless() -> Iterator[Case]:
    """Every way in which a caption has no words; nobody looks at their pictures."""
    for place, caption in enumerate(
        ("", "   ", " - … !?", "<br><br/>", "\u200b\ufeff", "https://example.com/only/this")
    ):
        yield Case(f"speechless {place}.jpg", None, caption, fate="dropped", reason="no usable caption")


CAPTIONS = (
    'She said: "no way",\nand left',
    "<b>Bold</b> &amp; <i>brave</i><br>new",
    "__label__3 __label__12 words",
    "tab\tand\r\nline",
    "see https://example.com/a?b=c now",
    "when 😂😂 hits",
    "ТЫ КТО такой",
    "你好 世界 再见",
    "it's 'quoted' “well”",
    "memegenerator.net one two",
)


def make(data: Data) -> tuple[Path, list[Case]]:
    """Write the folder; it and its cases in the order of its rows."""
    cases = [*pictures(), *unusable(), *speechless()]
    usable = [case for case in cases if case.fate == "kept"]
    worded = {case.image_name: f"{CAPTIONS[place % len(CAPTIONS)]} number {place}" for place, case in enumerate(usable)}
    cases = [
        case._replace(caption=case.caption or worded.get(case.image_name, "words")) if case.fate != "dropped" else case
        for case in cases
    ]
    for case in cases:
        if case.data is not None:
            data.picture(case.image_name, case.data)
    (data.folder / "images" / "folder.jpg").mkdir()
    os.mkfifo(data.folder / "images" / "pipe.jpg")
    data.picture("nobody's.jpg", encoded(texture(300), "JPEG"))
    data.picture(os.fsdecode(b"caf\xe9.jpg"), encoded(texture(301), "JPEG"))
    return data.write([data.row(case.image_name, case.caption, place) for place, case in enumerate(cases)]), cases
