"""Work of the assessment that takes long: the simulated course with its rivals and bands.

Given a case without identity, the roots that were concluded and the lines of a plan; gives the
section that a page shows. The same input is computed once, whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from clinic.assessment.planning import Line, added_line, examined, site_of, with_lines
from clinic.assessment.rules import digest
from clinic.outbox.actions import Progress, kind
from myotome.atlas import Root

SIMULATE = "simulate a course"
WEEKS = 12.0
DRAWS = {"rate": 64, "spiking": 64}
FIDELITIES = ("rate", "spiking")
_STEPS = 1000


@kind(SIMULATE)
def simulate_course(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The course of a case under a plan, beside its rivals, as a section of a page."""
    from myotome.simulation import RIVALS  # noqa: PLC0415 - loads what a page does not need

    names = list(RIVALS)
    fidelity = str(given["fidelity"])

    def tell(part: int) -> Any:  # noqa: ANN401 - told the share that is done
        return lambda share: progress(int(_STEPS * (part + share) / len(names)), _STEPS)

    courses = {
        name: course_of(given, rival=name, draws=DRAWS[fidelity], progress=tell(part))
        for part, name in enumerate(names)
    }
    progress(_STEPS, _STEPS)
    html = section_of(given, courses[names[0]], courses)
    return {"html": html, "digest": digest(html), "draws": DRAWS[fidelity], "fidelity": fidelity}


def course_of(
    given: dict[str, Any],
    *,
    rival: str = "segmental_root",
    draws: int = 1,
    progress: Any = None,  # noqa: ANN401 - told the share that is done
) -> Any:  # noqa: ANN401 - a course
    """One course of what was given."""
    from myotome.case import parse_case  # noqa: PLC0415
    from myotome.simulation import simulate  # noqa: PLC0415
    from myotome.treatment import plan, screen  # noqa: PLC0415

    case = parse_case(given["case"])
    found = examined(given["case"])
    roots = [Root.parse(name) for name in given["roots"]] if "roots" in given else None
    proposal = plan(found, screen(case.screen), roots=roots)
    lines = [_line(one, proposal) for one in given["lines"]]
    return simulate(
        case,
        assessment=found,
        proposal=with_lines(proposal, lines),
        weeks=WEEKS,
        rival=rival,
        fidelity=given["fidelity"],
        draws=draws,
        roots=roots,
        progress=progress,
    )


def _line(one: dict[str, Any], proposal: Any) -> Line:  # noqa: ANN401 - a plan
    site = site_of(one["site"], one["side"], one["level"])
    planned = next((each for each in proposal.sites if each.site == site), None)
    if planned is None:
        planned = added_line(site).planned
    return Line(planned, int(one["visit"]), int(one["insertions"]))


@lru_cache(maxsize=16)
def central_section(given: str) -> str:
    """The central run of what was given, as canonical text: what a page shows at once."""
    plain = json.loads(given)
    return section_of(plain, course_of(plain))


def given_of(
    case: str,
    lines: Any,  # noqa: ANN401 - lines
    fidelity: str,
    roots: Sequence[Root] | None = None,
) -> dict[str, Any]:
    """What a job of a plan is given: no name, no number, no day.

    The roots are those that were concluded; a plan that rests on the model's answer gives none.
    """
    concluded = {} if roots is None else {"roots": [str(root) for root in roots]}
    return {
        **concluded,
        "case": case,
        "fidelity": fidelity,
        "lines": [
            {
                "site": line.site.name,
                "level": line.site.level,
                "side": line.site.side,
                "visit": line.visit,
                "insertions": line.insertions,
            }
            for line in lines
        ],
    }


def section_of(given: dict[str, Any], course: Any, rivals: Any = None) -> str:  # noqa: ANN401 - courses
    """The weeks as a section of a page, with the report's own figures and words."""
    from myotome.case import parse_case  # noqa: PLC0415
    from myotome.report.course_section import weeks_section  # noqa: PLC0415

    return str(weeks_section(parse_case(given["case"]), course, rivals))
