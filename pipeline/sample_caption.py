"""The captions of the sample: words that belong to a class among words that belong to none, dressed as people do."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from memotion.heads import Heads

WORDS_A_CLASS = 8
WORDS_A_HEAD = 3
"""How many words of its class each head that follows the words puts into a caption."""

# Words that say nothing about any class; one of a line takes another's place freely.
_FILLERS = tuple(
    word
    for line in (
        "when you finally the boss my cat every monday morning nobody ever after coffee me my friends at school",
        "one guy who still brain before exam mom says go outside also internet why not both how it started going",
        "phone at two percent this is fine dog weekend plans homework teacher last slice pizza explain to your",
        "future self same energy winter summer traffic someone said free food watching another episode instead of",
    )
    for word in line.split()
)
_SYLLABLES = tuple(consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeio")
_DRESSES = (
    "{}",
    "{}",
    "{}!",
    "“{}”",
    "{} imgflip.com",
    "{}?!",
    "{} #meme",
    "{}\n- anonymous",
    "{} https://example.com/m/1",
)


class Vocabulary:
    """Words of its own for every class, made from syllables: the same for the same heads and classes."""

    def __init__(self, heads: Heads) -> None:
        self._words: dict[tuple[str, str], list[str]] = {}
        taken = set(_FILLERS)
        for pair in heads.class_names:
            self._words[pair] = _new_words(np.random.default_rng(zlib.crc32(repr(pair).encode())), taken)

    def caption(self, followed: Mapping[str, str], draw: np.random.Generator) -> str:
        """A caption in which each (head, class) of `followed` is heard, and nothing else is."""
        words = list(draw.choice(_FILLERS, draw.integers(4, 9)))
        for pair in followed.items():
            words.extend(draw.choice(self._words[pair], WORDS_A_HEAD, replace=False))
        draw.shuffle(words)
        text = _DRESSES[draw.integers(len(_DRESSES))].format(" ".join(words))
        return text.upper() if draw.random() < 0.4 else text.capitalize()


def _new_words(draw: np.random.Generator, taken: set[str]) -> list[str]:
    words: list[str] = []
    while len(words) < WORDS_A_CLASS:
        word = "".join(draw.choice(_SYLLABLES, 3))
        if word not in taken:
            taken.add(word)
            words.append(word)
    return words
