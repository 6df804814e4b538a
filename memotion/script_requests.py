"""How a script of one's own is asked about a meme: the same object in real time and, a line a meme, in a batch."""

from __future__ import annotations

import base64
from collections.abc import Collection

PICTURE, CAPTION = "picture", "caption"


def script_request(sees: Collection[str], jpeg: bytes, caption: str) -> dict[str, str]:
    """Return what a script that sees the picture, the caption or both is sent, as JSON.

    >>> script_request(["picture", "caption"], b"jpeg", "one does not simply")
    {'picture': 'anBlZw==', 'caption': 'one does not simply'}
    """
    content = {PICTURE: base64.b64encode(jpeg).decode("ascii"), CAPTION: caption}
    return {name: value for name, value in content.items() if name in sees}
