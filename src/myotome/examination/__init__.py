"""Examination: what signs say. From findings to the irritated roots, exactly and with reasons.

Receives findings, made and checked by `finding`; gives an `Assessment` by `examine`. Hidden are
62 roots, at most one peripheral-nerve lesion a side, and at each site its own local cause; all
are summed out, none sampled. Every probability stands in ``probabilities.csv`` with its range,
source and certainty. No clinical accuracy of the inference is known.
"""

from myotome.examination.assessment import (
    Assessment,
    Contradiction,
    Explanation,
    LoadedStructure,
    NextSign,
    NotWeighed,
    OtherExplanation,
    RamusSupport,
    Reason,
    RootProbability,
    ShortMuscle,
)
from myotome.examination.examine import examine, intervals, posterior, versions
from myotome.examination.finding import GRADE_WORDS, Finding, check_consistent, finding, grade_of
from myotome.examination.model import sort_findings

__all__ = [
    "GRADE_WORDS",
    "Assessment",
    "Contradiction",
    "Explanation",
    "Finding",
    "LoadedStructure",
    "NextSign",
    "NotWeighed",
    "OtherExplanation",
    "RamusSupport",
    "Reason",
    "RootProbability",
    "ShortMuscle",
    "check_consistent",
    "examine",
    "finding",
    "grade_of",
    "intervals",
    "posterior",
    "sort_findings",
    "versions",
]
