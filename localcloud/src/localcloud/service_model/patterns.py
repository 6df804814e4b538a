"""The service model's patterns are Java's; here they are Python's."""

from __future__ import annotations

import re
from functools import cache

# The inside of a character class for each property that the service model names: exact within ASCII, generous beyond.
PROPERTIES = {
    "L": r"A-Za-z\u00aa-\u1fff\u2c00-\ud7ff\uf900-\uffdc",
    "N": r"0-9\u00b2-\u00be\u0660-\u0669",
    "M": r"\u0300-\u036f\u20d0-\u20ff",
    "Z": r" \u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    "P": r"!-#%-*,-/:;?@\[-\]_{}\u00a1-\u00bf\u2010-\u2027\u3001-\u3003",
    "S": r"$+<=>^`|~\u00a2-\u00b4\u20a0-\u20bf\u2190-\u23ff",
    "Zs": r" \u00a0\u2000-\u200a\u202f\u205f\u3000",
    "Alnum": r"A-Za-z0-9",
    "Print": r" -~",
    "ASCII": r"\x00-\x7f",
}
# A pair of UTF-16 surrogates is one character here.
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
# A quantifier after the end of the text, which means a length that the shape states as well.
LENGTH = re.compile(r"\$\{\d+,\d+\}$")
PROPERTY = re.compile(r"\\p\{(\w+)\}")
# A property alone, an escaped character, a character class.
PARTS = re.compile(r"\\p\{(?P<property>\w+)\}|\\.|\[(?P<inside>(?:\\.|[^\]\\])*)\]", re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """The whole of `text`, as the service reads its patterns."""
    return compiled(pattern).fullmatch(text) is not None


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    python = LENGTH.sub("", pattern).replace(SURROGATES, r"\U00010000-\U0010ffff").replace(r"\z", r"\Z")
    return re.compile(PARTS.sub(_translated, python), re.DOTALL)


def _translated(part: re.Match[str]) -> str:
    """A property alone becomes a class, one in a class its inside; a hyphen behind a shorthand is a hyphen."""
    if part["property"]:
        return f"[{PROPERTIES[part['property']]}]"
    if not part["inside"]:
        return part[0]
    inside = re.sub(r"(\\[wds])-", r"\1\\-", part["inside"])
    return f"[{PROPERTY.sub(lambda match: PROPERTIES[match[1]], inside)}]"
