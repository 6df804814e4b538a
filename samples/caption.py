"""The captions of the sample: words that belong to a class among words that belong to none, dressed as people do."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from memotion.heads import Heads

REPEATS = 8
"""How often a caption says the word of a class. A text model sees a caption as the mean of its words, and learns from
few captions only what makes up most of it."""

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
    """A word of its own for every class, made from syllables: the same for the same heads and classes."""

    def __init__(self, heads: Heads) -> None:
        self._words: dict[tuple[str, str], str] = {}
        taken = set(_FILLERS)
        for pair in heads.class_names:
            self._words[pair] = _new_word(np.random.default_rng(zlib.crc32(repr(pair).encode())), taken)

    def caption(self, followed: Mapping[str, str], draw: np.random.Generator) -> str:
        """A caption in which each (head, class) of `followed` is heard, and nothing else is."""
        words = [str(word) for word in draw.choice(_FILLERS, draw.integers(2, 4))]
        for pair in followed.items():
            words += [self._words[pair]] * REPEATS
        draw.shuffle(words)
        text = _DRESSES[draw.integers(len(_DRESSES))].format(" ".join(words))
        return text.upper() if draw.random() < 0.4 else text.capitalize()


def _new_word(draw: np.random.Generator, taken: set[str]) -> str:
    word = ""
    while not word or word in taken:
        word = "".join(draw.choice(_SYLLABLES, 3))
    taken.add(word)
    return word
