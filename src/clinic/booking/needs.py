"""What somebody needs, in their words, beside what practitioners say that they treat."""

from __future__ import annotations

import re

SHORTEST = 3  # letters of a word that says something

# What everybody writes, or what says nothing of where.
EMPTY = frozenset(
    """
    about ache aching after again all and any are bad because been before both but can
    cannot chronic constant could day days does for from get had has have help her his hurt
    hurting hurts ims into issue issues just left like long low lower lot may middle month
    months more much needle needles needling not now off old our out over pain painful pains
    please problem problems right severe she side since some sore soreness stiff stiffness
    than that the their there therapy they this tight time treat treatment trouble under
    upper very want was week weeks when which while who with worse would year years you your
    """.split()  # noqa: SIM905
)

# What patients call it, and the parts under which it is treated.
MEANS: dict[str, str] = {
    "achilles": "ankle calf foot heel",
    "backache": "back",
    "biceps": "arm shoulder",
    "buttocks": "back hip",
    "calf": "leg",
    "calves": "calf leg",
    "carpal": "hand wrist",
    "cervical": "neck",
    "coccyx": "back pelvis",
    "disc": "back neck",
    "feet": "foot",
    "finger": "hand",
    "glutes": "hip",
    "golfers": "elbow",
    "groin": "hip",
    "hamstring": "leg thigh",
    "headache": "head neck",
    "heel": "foot",
    "kneecap": "knee",
    "lumbago": "back",
    "lumbar": "back",
    "meniscus": "knee",
    "migraine": "head headache",
    "plantar": "foot heel",
    "rotator": "shoulder",
    "sciatic": "back leg",
    "sciatica": "back leg",
    "shin": "leg",
    "spine": "back neck",
    "tailbone": "back pelvis",
    "tennis": "elbow",
    "thigh": "leg",
    "thoracic": "back",
    "thumb": "hand",
    "tmj": "jaw",
    "toe": "foot",
    "trapezius": "neck shoulder",
    "whiplash": "neck",
    "wrist": "hand",
}


def asked(need: str) -> set[str]:
    """The words of a need that say something, with what they mean; none: nothing was said."""
    said = _words(need)
    return said.union(*(_MEANT.get(word, set()) for word in said))


def fits(need: set[str], treats: str) -> bool:
    """Whether somebody treats what is needed: a word in common, whole but for its plural."""
    return not need.isdisjoint(_words(treats))


def _words(text: str) -> set[str]:
    letters = re.findall(r"[^\W\d_]+", text.casefold())
    return {_one(word) for word in letters if len(word) >= SHORTEST and word not in EMPTY}


def _one(word: str) -> str:
    """A word and its plural alike."""
    return word[:-1] if len(word) > SHORTEST and word[-1] == "s" and word[-2] != "s" else word


_MEANT = {_one(word): {_one(part) for part in parts.split()} for word, parts in MEANS.items()}
