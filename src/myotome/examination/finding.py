"""Finding: one thing that was looked for, where, and what was found.

Made from plain values by `finding`, which checks that the sign can be at the site and that the
grade or value is possible. Not looked at means no finding at all; grade 0 means looked at and
absent. `grade_of` reads a value with a unit as a grade, beside the other side or the reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from myotome.atlas import Site, atlas
from myotome.errors import InputError, UnknownName
from myotome.units import to_inside

GRADES: Final = (0, 1, 2, 3)
GRADE_WORDS: Final = ("absent", "slight", "clear", "marked")

# Shares of the expected range or threshold that still count as absent, slight, clear; below the
# last is marked. No source gives such steps: assumed, chosen above the usual measurement error
# of a goniometer (5 to 10 degrees) and an algometer (about a quarter of the value).
_RANGE_STEPS: Final = (0.90, 0.75, 0.50)
_PRESSURE_STEPS: Final = (0.85, 0.70, 0.50)


@dataclass(frozen=True, slots=True)
class Finding:
    """A sign at a site with a grade (0 to 3) or a value in the unit its sign is measured in.

    `compared` is the same measurement on the other side; `limited_by` the muscle that stopped a
    movement; `test` how it was tested; `week` the visit, counted from the first.
    """

    sign: str
    site: Site
    grade: int | None = None
    value: float | None = None
    unit: str = ""
    compared: float | None = None
    limited_by: str = ""
    test: str = ""
    week: float = 0.0

    @property
    def key(self) -> tuple[str, Site, float]:
        """What makes two findings the same observation."""
        return (self.sign, self.site, self.week)


def finding(  # noqa: PLR0913 - the fields of one finding, all by name
    sign: str,
    site: str = "",
    *,
    side: str,
    level: str = "",
    grade: int | None = None,
    value: float | None = None,
    unit: str = "",
    compared: float | None = None,
    limited_by: str = "",
    test: str = "",
    week: float = 0.0,
) -> Finding:
    """A checked finding.

    Args:
        sign: A sign of the atlas.
        site: Muscle, skin region, reflex or movement; empty for a test of a whole side.
        side: left, right, or midline for an unsided skin region.
        level: Spinous process felt, for muscles of the posterior rami and intercostals.
        grade: 0 absent, 1 slight, 2 clear, 3 marked.
        value: A measurement instead of a grade, with `unit`.
        unit: mrc, reflex, degrees, kPa or kg/cm2.
        compared: The same measurement on the other side.
        limited_by: The muscle that stopped a movement.
        test: How it was tested.
        week: Weeks since the first visit.

    Raises:
        InputError: Something is unknown, missing or cannot be; `place` names the field.

    >>> finding("weakness", "triceps_brachii", side="left", value=4, unit="mrc").value
    4.0
    """
    if sign not in atlas().signs:
        raise UnknownName("sign", sign, atlas().signs).at("sign")
    try:
        place = atlas().site(site, side, level)
    except UnknownName as error:
        raise error.at("site") from None
    _check_sign_at_site(sign, place, site)
    if not week >= 0:  # also refuses what is not a number
        raise InputError(f"week must be 0 or later, got {week:g}.", place="week")
    if limited_by:
        _check_limit(sign, place, limited_by)
    made = Finding(sign, place, limited_by=limited_by, test=test, week=week)
    return _with_result(made, grade, value, unit, compared)


def _check_sign_at_site(sign: str, site: Site, name: str) -> None:
    allowed = atlas().signs[sign].applies_to
    if site.kind in allowed:
        return
    kinds = {
        "muscle": "a muscle",
        "paraspinal": "a muscle of the posterior rami with its level",
        "skin": "a skin region",
        "reflex": "a reflex",
        "movement": "a joint movement",
        "side": "a side alone, without a site",
    }
    where = " or ".join(kinds[kind] for kind in allowed)
    got = f"{name} is {kinds[site.kind]}" if name else "got no site"
    swap = {
        ("tender_motor_point", "paraspinal"): " Use tender_paraspinal there.",
        ("tender_paraspinal", "muscle"): " Use tender_motor_point there.",
    }.get((sign, site.kind), "")
    raise InputError(f"{sign} must be recorded at {where}; {got}.{swap}", place="site")


def _check_limit(sign: str, site: Site, muscle: str) -> None:
    if sign != "range":
        raise InputError(
            f"limited_by belongs to range only, got it with {sign}.", place="limited_by"
        )
    limiting = atlas().movements[site.name].limiting_muscle_ids
    if muscle not in atlas().muscles:
        raise UnknownName("muscle", muscle, atlas().muscles).at("limited_by")
    if muscle not in limiting:
        raise InputError(
            f"limited_by must be a muscle that limits {site.name}: {', '.join(limiting)};"
            f" got {muscle}.",
            place="limited_by",
        )


def _with_result(
    made: Finding, grade: int | None, value: float | None, unit: str, compared: float | None
) -> Finding:
    measure = atlas().signs[made.sign].measure
    if (grade is None) == (value is None):
        got = "got neither" if grade is None else "got both"
        raise InputError(f"a finding needs a grade or a value, {got}.", place="grade")
    if grade is not None:
        if grade not in GRADES:
            raise InputError(
                f"grade must be 0 absent, 1 slight, 2 clear or 3 marked, got {grade}.",
                place="grade",
            )
        return replace(made, grade=grade, compared=compared)
    if measure == "grade":
        raise InputError(
            f"{made.sign} takes a grade (0 to 3), got the value {value:g}.", place="value"
        )
    if not unit:
        raise InputError(
            f"value needs its unit: {measure}, got {value:g} without one.", place="unit"
        )
    inside = to_inside(float(value or 0.0), unit, expected=measure)
    other = None if compared is None else to_inside(compared, unit, expected=measure)
    return replace(made, value=inside, unit=measure, compared=other)


def check_consistent(findings: Iterable[Finding]) -> None:
    """Refuse the same observation twice with different results.

    Raises:
        InputError: One sign at one site in one week has two grades or values.
    """
    seen: dict[tuple[str, Site, float], Finding] = {}
    for place, item in enumerate(findings, start=1):
        first = seen.setdefault(item.key, item)
        if _measured(first) != _measured(item):
            raise InputError(
                f"{item.sign} at {atlas().label(item.site)} in week {item.week:g} is given twice"
                f" with different results ({_result(first)} and {_result(item)})."
                " Keep the one that holds.",
                place=f"finding[{place}]",
            )


def _measured(item: Finding) -> tuple[float | None, ...]:
    return (item.grade, item.value, item.compared)


def _result(item: Finding) -> str:
    found = f"grade {item.grade}" if item.grade is not None else f"{item.value:g} {item.unit}"
    return found if item.compared is None else f"{found} beside {item.compared:g}"


def grade_of(item: Finding) -> int | None:
    """The finding as a grade of deficit (0 to 3); None where it cannot be read as one.

    Strength: 5 absent, above 4 slight, above 3 clear, else marked. A reflex counts by how far
    it lies under the other side (under 2 where that was not tested): one step clear, two or
    more marked; equal on both sides is absent, and so is a brisk one. Range counts as a share
    of the other side, else of the reference angle. A pressure pain threshold counts against
    the other side only: without it, it is kept but not weighed.
    """
    if item.grade is not None:
        return item.grade
    value = item.value if item.value is not None else 0.0
    if item.unit == "mrc":
        return 0 if value >= 5 else 1 if value > 4 else 2 if value > 3 else 3
    if item.unit == "reflex":
        usual = min(item.compared, 2.0) if item.compared is not None else 2.0
        return (0, 2, 3, 3)[max(0, min(3, round(usual - value)))]
    if item.unit == "degrees":
        reference = item.compared or atlas().movements[item.site.name].rom_deg_max
        return _graded_share(value, reference, _RANGE_STEPS)
    return _graded_share(value, item.compared, _PRESSURE_STEPS)


def _graded_share(value: float, full: float | None, steps: tuple[float, ...]) -> int | None:
    if not full or full <= 0:
        return None
    return sum(value / full < step for step in steps)


def is_brisk(item: Finding) -> bool:
    """Whether a reflex is brisker than usual: an upper motor neuron sign when one-sided."""
    return item.unit == "reflex" and item.value is not None and item.value >= 3
