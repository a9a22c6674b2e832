"""Evidence: what was studied about each claim, in how many, against what, and what came out.

Read from ``evidence.csv``, one study or review a row, with its certainty in one of four words
and its sources. Trials that found no difference stand in the same list and in the same size as
the others. The honesty list says what any claim about the method has to say with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from myotome.atlas.reading import read_table
from myotome.sources import Source, sources

CERTAINTIES: Final = ("high", "moderate", "low", "very low")
OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "for": "In favour",
        "small": "In favour, small",
        "fades": "In favour, fades",
        "mixed": "Mixed",
        "no_difference": "No difference",
        "against": "Against",
        "insufficient": "Not enough to tell",
        "no_comparator": "No comparison group",
        "reliability": "How reliable",
        "harm": "Harm",
        "nothing_found": "Nothing studied",
    }
)
CLAIMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "signs_and_root": "Signs in muscle and skin point to a root",
        "ims": "IMS helps people with long-lasting pain",
        "paraspinal": "Needling the level as well as the limb adds something",
        "sham": "Needling eases pain more than sham",
        "other_care": "Needling adds to, or does better than, other care",
        "mechanism": "A short muscle lets go and what it pulled on recovers",
        "harm": "What needling can do besides",
    }
)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One study or review: its people, its comparison, its result and how sure it is."""

    evidence_id: str
    topic: str
    studied: str
    people: float | None
    comparator: str
    result: str
    outcome: str
    certainty: str
    source_ids: tuple[str, ...]
    read: str


@dataclass(frozen=True, slots=True)
class Honesty:
    """One thing that has to be said, and the sources it rests on."""

    words: str
    source_ids: tuple[str, ...] = ()


HONESTY: Final = (
    Honesty(
        "Gunn's model is a clinical model made from observation. No trial shows the whole chain"
        " from root to joint.",
        ("ims_school",),
    ),
    Honesty(
        "\u201cNeuropathic\u201d is used here in Gunn's sense, which is wider than the accepted"
        " one: a lesion or disease of the sensory nervous system.",
        ("iasp_neuropathic",),
    ),
    Honesty(
        "That signs go by segment has support from studies of association and from small trials"
        " with paraspinals. An association runs both ways, and no trial chose the segment by lot.",
        ("adelmanesh2015", "ga2007b", "couto2014"),
    ),
    Honesty(
        "Skin areas of roots overlap; in about two thirds of people pain does not follow the map."
        " Two people who feel the same muscle agree moderately at best, trained ones too. The"
        " accuracy of autonomic and trophic signs is not known. None of this is a test better"
        " than imaging.",
        ("murphy2009", "trp_kappa2017", "ims_thesis2010"),
    ),
    Honesty(
        "Whether trigger points exist as they are described is disputed.",
        ("trp_dispute", "trp_rebuttal"),
    ),
    Honesty(
        "Needling may ease pain somewhat more than sham for up to about 12 weeks; at 6 to 12 months"
        " no difference was found. Certainty runs from very low to moderate, and blinding was"
        " weak: 22 of 27 trials stand at high or unclear risk.",
        ("gattie2017", "blinding_review"),
    ),
    Honesty(
        "Some careful trials found no difference from sham with exercise. They are listed here"
        " too.",
        ("sterling2015", "sanchez2020", "almushahhim2022"),
    ),
    Honesty(
        "IMS itself: two reviews found four randomised trials; the later one judged the evidence"
        " insufficient and at high risk of bias. Gunn's trial of 1980 took men only, had work as"
        " its end-point and reports no blinding in the text read. In routine care about a third"
        " were better by a point or more.",
        ("ims_review2011", "ims_review2012", "gunn1980_rct", "ims_thesis2010"),
    ),
    Honesty(
        "The list of conditions and their short muscles is a teaching of the method. It has not"
        " been checked against Gunn's book, and no study shows that shortening causes them.",
        ("gunn1996_book",),
    ),
    Honesty(
        "The needle has risks. Small effects such as bleeding or a bruise: two surveys counted 19"
        " and 37 for every 100 sessions (one session can count twice). Serious ones: none in 7,629"
        " treatments in one survey, 20 in about 20,000 sessions in the other; a punctured lung and"
        " haematoma have happened. Clinicians counted, patients were not asked.",
        ("brady2014", "boyce2020", "survey_limits"),
    ),
    Honesty(
        "Twitch, cramp and grasp are signs of the moment. They do not show that a gain will last.",
    ),
    Honesty(
        "That the nerve is cured or remodelled, that people stay free of pain for decades, or that"
        " inner organs are treated, is not claimed here.",
    ),
    Honesty(
        "A simulation shows how the idea would work if it is right. It is not evidence, and no"
        " forecast for a person.",
    ),
    Honesty(
        "This program supports a registered clinician. It makes no diagnosis, replaces neither"
        " imaging nor referral, and nobody may needle by it without training and authorisation.",
    ),
    Honesty(
        "The name Gunn IMS and the school that teaches it belong to others, who have not endorsed"
        " this program.",
    ),
)


@cache
def evidence() -> tuple[EvidenceRow, ...]:
    """Every row, in the order of the file."""
    return read_table(EvidenceRow, "myotome.report", "evidence.csv")


def evidence_by_claim() -> tuple[tuple[str, tuple[EvidenceRow, ...]], ...]:
    """Each claim in words with its rows."""
    return tuple(
        (claim, tuple(row for row in evidence() if row.topic == topic))
        for topic, claim in CLAIMS.items()
    )


def tally(rows: Iterable[EvidenceRow]) -> tuple[tuple[str, int], ...]:
    """How many rows say what, in one order for every claim; none is left out."""
    counted = Counter(row.outcome for row in rows)
    return tuple((said, counted[name]) for name, said in OUTCOMES.items() if counted[name])


def certainty_words(rows: Iterable[EvidenceRow]) -> str:
    """The least and the greatest certainty of some rows."""
    found = sorted({CERTAINTIES.index(row.certainty) for row in rows}, reverse=True)
    low, high = CERTAINTIES[found[0]], CERTAINTIES[found[-1]]
    return low if low == high else f"{low} to {high}"


def known_sources() -> Mapping[str, Source]:
    """Every source that a report can cite, by identifier."""
    return MappingProxyType(sources())
