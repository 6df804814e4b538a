"""The captions of the sample: an opener, a doing, a thing, a place and a mood, in the words that people caption with.

    When my cat is chopping the onions in the kitchen, what a lovely day

The doing, the thing and the place tell the caption's topic; the opener and the mood tell the class of a head that
follows the words. Each has several ways to say it, so that hardly two captions are the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Topic(NamedTuple):
    """The words of a topic, of which a caption takes one each."""

    doings: Sequence[str]
    things: Sequence[str]
    places: Sequence[str]


class Mood(NamedTuple):
    """The words of a class that the caption tells, of which it takes one each."""

    openers: Sequence[str]
    moods: Sequence[str]


TOPICS = (
    Topic(
        ("chopping", "frying", "tasting", "burning"),
        ("onions", "pancakes", "soup", "noodles"),
        ("kitchen", "oven", "diner", "pantry"),
    ),
    Topic(
        ("printing", "filing", "presenting", "emailing"),
        ("spreadsheets", "invoices", "slides", "minutes"),
        ("office", "elevator", "cubicle", "boardroom"),
    ),
    Topic(
        ("kicking", "dribbling", "throwing", "catching"),
        ("football", "trophy", "frisbee", "racket"),
        ("stadium", "gym", "locker", "pitch"),
    ),
    Topic(
        ("watering", "planting", "mowing", "raking"),
        ("tomatoes", "roses", "lawn", "leaves"),
        ("garden", "greenhouse", "shed", "backyard"),
    ),
    Topic(
        ("boarding", "missing", "driving", "parking"),
        ("train", "ferry", "bus", "scooter"),
        ("station", "harbour", "highway", "garage"),
    ),
    Topic(
        ("studying", "cheating", "underlining", "forgetting"),
        ("algebra", "grammar", "chemistry", "homework"),
        ("classroom", "library", "canteen", "dormitory"),
    ),
    Topic(
        ("loading", "patching", "streaming", "rebooting"),
        ("console", "laptop", "server", "headset"),
        ("basement", "arcade", "lobby", "dungeon"),
    ),
    Topic(
        ("feeding", "walking", "brushing", "chasing"),
        ("puppy", "hamster", "parrot", "goldfish"),
        ("kennel", "park", "aquarium", "stable"),
    ),
)
MOODS = (
    Mood(("finally", "hooray", "behold", "yes"), ("lovely", "glorious", "proud", "unstoppable")),
    Mood(("again", "sigh", "great", "alas"), ("tired", "doomed", "hopeless", "bored")),
    Mood(("what", "wait", "hold", "excuse"), ("confused", "puzzled", "baffled", "lost")),
    Mood(("stop", "enough", "silence", "no"), ("furious", "angry", "outraged", "boiling")),
    Mood(("hush", "shh", "psst", "listen"), ("sneaky", "secretive", "sly", "suspicious")),
    Mood(("oops", "whoops", "sorry", "pardon"), ("clumsy", "ashamed", "guilty", "awkward")),
)
WAYS = 4
"""How many ways there are to say each part."""

_SUBJECTS = (
    *("my cat", "the boss", "your brain", "one guy", "my teacher", "nobody", "the internet", "my grandma"),
    *("the neighbour", "some wizard", "my dentist", "everyone", "this pigeon", "my future self", "the intern", "dad"),
)
_FORMS = (
    "{opener}, {subject} is {doing} the {thing} in the {place}, so {mood}",
    "{opener}: when {subject} keeps {doing} the {thing} by the {place} and feels {mood}",
    "{subject} {doing} a {thing} at the {place} be like {opener}, {mood}",
    "{opener}! {subject} was {doing} that {thing} behind the {place}, how {mood}",
    "me watching {subject} {doing} the {thing} near the {place}: {opener}, very {mood}",
)
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
_SYLLABLES = tuple(consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeio")


def caption(topic: int, moods: Sequence[int], draw: np.random.Generator) -> str:
    """Return a caption of a topic, in which one mood is heard for each head that the words tell.

    Each is a number from 0 up, however many there are: past those that have words of ours, words are made up. A second
    mood and more follow the first one's sentence.
    """
    words = _topic(topic)
    first, *others = [_mood(0, moods[0])] if moods else [MOODS[int(draw.integers(len(MOODS)))]]
    others += [_mood(place, mood) for place, mood in enumerate(moods) if place]
    text = str(draw.choice(_FORMS)).format(
        opener=draw.choice(first.openers),
        subject=draw.choice(_SUBJECTS),
        doing=draw.choice(words.doings),
        thing=draw.choice(words.things),
        place=draw.choice(words.places),
        mood=draw.choice(first.moods),
    )
    text = " ".join([text, *(f"{draw.choice(each.openers)} {draw.choice(each.moods)}" for each in others)])
    text = _DRESSES[draw.integers(len(_DRESSES))].format(text)
    return text.upper() if draw.random() < 0.4 else text.capitalize()


def _topic(number: int) -> Topic:
    return TOPICS[number] if number < len(TOPICS) else Topic(*(_made_up(("topic", number, part)) for part in range(3)))


def _mood(place: int, number: int) -> Mood:
    if place == 0 and number < len(MOODS):
        return MOODS[number]
    return Mood(*(_made_up(("mood", place, number, part)) for part in range(2)))


def _made_up(key: tuple[object, ...]) -> tuple[str, ...]:
    """Words of four syllables, the same for the same key."""
    draw = np.random.default_rng(zlib.crc32(repr(key).encode()))
    return tuple("".join(draw.choice(_SYLLABLES, 4)) for _ in range(WAYS))
