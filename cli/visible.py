"""Texts from logs, people and services as a terminal may be given them: control characters shown, not sent.

An escape sequence in a job's message or an approver's comment would otherwise move the cursor, rewrite what stands
above it or set the window's title (CVE-2021-25743 is the same in kubectl).
"""

from __future__ import annotations

import re

# All of C0 but tab and line feed, DEL, C1, what makes text run backwards, and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PICTURES = 0x2400  # U+2400 and on are the pictures of U+0000 and on
_DELETE = "\N{SYMBOL FOR DELETE}"


def visible(text: str) -> str:
    r"""Show each control character: `\x1b[2J` as `␛[2J`, others by their number, as `\x9b`."""
    return _CONTROLS.sub(lambda match: _picture(match[0]), text.replace("\r\n", "\n"))


def _picture(character: str) -> str:
    code = ord(character)
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == 0x7F:
        return _DELETE
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible_json(text: str) -> str:
    """Escape what JSON allows in its texts and a terminal would obey: DEL, C1 and what makes text run backwards."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
