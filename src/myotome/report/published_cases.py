"""Published cases: how often the root that a source named came first in the answer.

Counted by `make docs` over the examples, which do not come with the program, and kept in
``published_cases.json``; a test counts them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from myotome.case import Case
from myotome.examination import Assessment
from myotome.report.words import spoken_to

KEPT: Final = Path(__file__).with_name("published_cases.json")


def is_composite(case: Case) -> bool:
    """Whether a case is of a group of people; it is counted with no others."""
    return case.id.startswith(("levin", "gunn"))


def rank_of(case: Case, answer: Assessment) -> int:
    """The place of the first root that the source named; after all others where none is there."""
    order = [item.root for item in spoken_to(answer)]
    return 1 + min(
        (order.index(root) for root in case.concluded if root in order), default=len(order)
    )


def counted(answers: Iterable[tuple[Case, Assessment]]) -> dict[str, int]:
    """Published cases, those whose source names a root, and in how many it came first."""
    published = [(case, answer) for case, answer in answers if not is_composite(case)]
    named = [(case, answer) for case, answer in published if case.concluded]
    first = sum(rank_of(case, answer) == 1 for case, answer in named)
    return {"published": len(published), "named": len(named), "first": first}


@cache
def tried_words() -> str:
    """What the published cases say of the answer, and what they do not."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return (
        f"Of {kept['named']} published cases whose source names a root, it came first in"
        f" {kept['first']}. They are few, chosen and mostly read in part: no measure of clinical"
        " accuracy."
    )
