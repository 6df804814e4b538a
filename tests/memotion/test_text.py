"""The caption cleaner: golden lines, and properties that hold for every text."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memotion.text import clean_caption

# Pieces that captions are made of in the wild, so that random texts meet their seams.
PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ("<br>", "</p>", "<!-- x -->", "&amp;", "&lt;b&gt;", "&#128512;", "https://a.b/c?d", "www.x.y", "__label__3")
    ),
    st.sampled_from(
        ("😀", "👨\u200d👩\u200d👧", "❤\ufe0f", "’", "“", "\u2028", "\u0085", "\t", "\r\n", "\0", "\ufffd")
    ),
    st.sampled_from(("İ", "ΑΣ", "ǅ", "ﬁ", "e-\u0301", "\u00b4", "क्षि", "한글", "𝐁")),
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))


@pytest.mark.parametrize(
    ("caption", "cleaned"),
    [
        ("10 Year Challenge - Sweet Dee Edition", "10 year challenge  sweet dee edition"),
        (
            "LOOK THERE MY FRIEND LIGHTYEAR NOW ALL SOHALIKUT TREND imgflip.com",
            "look there my friend lightyear now all sohalikut trend imgflipcom",
        ),
        ("Don't say “never”, 'kay?", "dont say never kay"),
        ("one\ttwo\nthree\r\nfour", "one two three  four"),
        ("<p>first<br/>second</p>", "first second"),
        ("fish &amp; chips &lt;3", "fish  chips 3"),
        ("see https://example.com/a?b=c#d now", "see   now"),
        ("WWW.Example.COM/path says hi", "says hi"),
        ("__label__4 is a word", "label4 is a word"),
        ("so funny😂😂ha", "so funny 😂 😂 ha"),
        ("love ❤️ you", "love ❤ you"),
        ("ТЫ КТО? Ça va, कैसे हो, 你好!", "ты кто ça va कैसे हो 你好"),
        ("ＦＵＬＬ ｗｉｄｔｈ ﬁne", "full width fine"),
        ("i <3 u > me", "i 3 u  me"),
        ("  . - !  ", ""),
        ("", ""),
        ("\u200b\ufeff\u00ad", ""),
    ],
)
def test_a_caption_is_cleaned_as_a_person_would_expect(caption: str, cleaned: str) -> None:
    assert clean_caption(caption) == cleaned


@given(TEXTS)
def test_cleaning_again_changes_nothing(text: str) -> None:
    once = clean_caption(text)
    assert clean_caption(once) == once


@given(TEXTS)
def test_a_cleaned_caption_is_one_line_without_an_end_of_blanks(text: str) -> None:
    cleaned = clean_caption(text)
    assert len(cleaned.splitlines()) <= 1
    assert cleaned == cleaned.strip()
    assert not {unicodedata.category(character) for character in cleaned} & {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}


@given(TEXTS)
def test_a_cleaned_caption_is_lower_case_and_holds_no_punctuation(text: str) -> None:
    cleaned = clean_caption(text)
    assert cleaned == cleaned.lower()
    assert not any(unicodedata.category(character).startswith("P") for character in cleaned)
    assert "__label__" not in cleaned


def test_no_character_alone_breaks_a_property() -> None:
    characters = map(chr, range(sys.maxunicode + 1))
    for character in (one for one in characters if unicodedata.category(one) not in ("Cn", "Co", "Cs")):
        cleaned = clean_caption(character)
        assert clean_caption(cleaned) == cleaned, hex(ord(character))
        assert cleaned == cleaned.lower(), hex(ord(character))
