"""How a caption is cleaned: the same function for training, evaluation and real time.

The rules, in order: character references are resolved; tags and web addresses give way to a space; compatibility
forms are unified (NFKC); letters, marks and digits of every script stay, white space becomes spaces, pictographs become
words of their own; all else is dropped without replacement, so that `a - b` keeps both its spaces; then lower case.
A caption that comes out empty has no usable words.
"""

from __future__ import annotations

import html
import re
import unicodedata

CLEANER_VERSION = 1
"""Stored beside every model that was trained on cleaned captions; a change of the rules counts it up."""

_MARKUP = re.compile(r"<!--.{0,999}?-->|</?[a-z][^<>]*>|\b(?:https?://|www\.)\S+", re.IGNORECASE | re.DOTALL)
_AROUND_PICTOGRAPH = re.compile(r"[ \0]*\0[ \0]*")


class _Characters(dict[int, str | None]):
    """`str.translate`'s table, filled as characters are met: what becomes of each code point."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        if character.isspace():
            replacement: str | None = " "
        elif 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or code == 0xFFFD or category == "Me":
            replacement = None  # Variation selectors, a lost character's mark and enclosing marks say nothing.
        elif category[0] in "LMN":
            replacement = character
        else:
            replacement = f"\0{character}\0" if category == "So" else None
        self[code] = replacement
        return replacement


_CHARACTERS = _Characters()


def clean_caption(text: str) -> str:
    """One line of lower-case words: no punctuation, no control character, nothing at the ends; idempotent.

    `10 Year Challenge - Sweet Dee Edition` becomes `10 year challenge  sweet dee edition`.
    """
    plain = unicodedata.normalize("NFKC", _MARKUP.sub(" ", html.unescape(text)))
    words = _AROUND_PICTOGRAPH.sub(" ", plain.translate(_CHARACTERS).lower())
    return unicodedata.normalize("NFKC", words).strip()
