"""Outcomes: what really happened, as words, a table and one graph for each measure.

It receives the treatments and outcomes of a case. A measure with a scale is drawn over its whole
scale, weeks in true proportion, with the weeks of treatment as ticks; a thing that happened or not
is a line in the table. A first strip shows what is smaller than a change people notice, where that
is known. Missing is a gap. One answer alone makes no line, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from myotome.atlas import atlas
from myotome.case import KINDS, Case, Outcome, Treatment
from myotome.report.words import site_name, upper_first, week_words

_HEIGHT: Final = 190
_TOP: Final = 16
_FLOOR: Final = 150
_YES_NO: Final = frozenset({0.0, 1.0})
_MEASURES: Final = {
    "nprs": ("Pain, NPRS", "worst pain", "none"),
    "odi_pct": ("Low back disability, ODI (%)", "worst", "none"),
    "ndi_pct": ("Neck disability, NDI (%)", "worst", "none"),
}

_DOSE_FORMS: Final[Mapping[str, Callable[[Any], str]]] = {
    "insertions": lambda value: f"{value} insertions",
    "gauge_mm": lambda value: f"needle {value:g} mm thick",
    "depth_mm": lambda value: f"{value:g} mm deep",
    "current": lambda value: "with current" if value else "without current",
    "frequency_hz": lambda value: f"{value:g} Hz",
    "hold_s": lambda value: f"hold {value:g} s",
    "repetitions": lambda value: f"{value} repetitions",
    "sets": lambda value: f"{value} sets",
    "load_percent": lambda value: f"{value:g} % of the most",
    "minutes": lambda value: f"{value:g} min",
    "per_day": lambda value: f"{value:g} x a day",
    "per_week": lambda value: f"{value:g} x a week",
    "for_weeks": lambda value: f"for {value:g} wk",
}


@dataclass(frozen=True, slots=True)
class Course:
    """One measure over the weeks."""

    measure: str
    name: str
    points: tuple[Outcome, ...]
    low: float
    high: float
    top_words: str
    bottom_words: str
    notices: float | None

    @property
    def has_strip(self) -> bool:
        """Whether the strip of what people do not notice is drawn."""
        return self.notices is not None and len(self.points) > 1

    @property
    def caption(self) -> str:
        """What the numbers say: from, to, and whether people notice such a change."""
        first, last = self.points[0], self.points[-1]
        if len(self.points) == 1:
            said = f"{first.value:g} in {week_words(first.week)}"
            return f"{said}. One answer: a line starts with the second."
        change = last.value - first.value
        said = (
            f"{first.value:g} in {week_words(first.week)}, {last.value:g} in"
            f" {week_words(last.week)}"
        )
        if change == 0:
            return f"{said}: no change."
        way = "up" if change > 0 else "down"
        if self.notices is None:
            return f"{said}: {way} {abs(change):g}."
        more = "more" if abs(change) >= self.notices else "not more"
        return (
            f"{said}: {way} {abs(change):g}, {more} than the smallest change people notice from"
            f" this start ({self.notices:g})."
        )


def happenings(case: Case) -> tuple[Outcome, ...]:
    """Things that happened or not, and everything else without a scale of its own."""
    return tuple(item for item in case.outcomes if _scale(item.measure) is None)


def courses(case: Case) -> tuple[Course, ...]:
    """Each measure with a scale, in the order of the case."""
    names = dict.fromkeys(item.measure for item in case.outcomes)
    return tuple(_courses(names, case.outcomes))


def _courses(names: Iterable[str], outcomes: Sequence[Outcome]) -> Iterator[Course]:
    for measure in names:
        found = course_of(measure, [item for item in outcomes if item.measure == measure])
        if found is not None:
            yield found


def course_of(measure: str, answers: Iterable[Outcome]) -> Course | None:
    """The answers to one measure as a course; None where it has no scale, or nobody answered."""
    points = tuple(sorted(answers, key=lambda item: item.week))
    scale = _scale(measure)
    if scale is None or not points:
        return None
    top, bottom = _MEASURES.get(measure, ("", "most", "least"))[1:]
    if measure.startswith("mrc_"):
        top, bottom = "full strength", "none"
    return Course(
        measure,
        measure_name(measure),
        points,
        *scale,
        f"{scale[1]:g} {top}",
        f"{scale[0]:g} {bottom}",
        _smallest_noticed(measure, points[0].value),
    )


def _scale(measure: str) -> tuple[float, float] | None:
    if measure == "nprs":
        return 0.0, 10.0
    if measure.startswith("mrc_"):
        return 0.0, 5.0
    return (0.0, 100.0) if measure.endswith("_pct") else None


def _smallest_noticed(measure: str, start: float) -> float | None:
    """The change that people notice from this start, for the pain scale alone."""
    if measure != "nprs":
        return None
    return 1.0 if start < 5 else 2.0 if start < 8 else 3.0


def measure_name(measure: str) -> str:
    """A measure in words: mrc_biceps_brachii_left is Strength of biceps brachii, left (MRC)."""
    if measure in _MEASURES:
        return _MEASURES[measure][0]
    if measure.startswith("mrc_"):
        name, _, side = measure.removeprefix("mrc_").rpartition("_")
        if name in atlas().muscles:
            muscle = atlas().muscles[name].common_name
            return f"Strength of {muscle[:1].lower()}{muscle[1:]}, {side} (MRC)"
    words = measure.removesuffix("_pct").replace("_", " ")
    unit = " (%)" if measure.endswith("_pct") else ""
    return f"{words[:1].upper()}{words[1:]}{unit}"


def value_words(item: Outcome) -> str:
    """A value in words; yes or no where the measure is a thing that happens."""
    if _scale(item.measure) is None and item.value in _YES_NO:
        return "yes" if item.value else "no"
    return f"{item.value:g}"


def course_svg(
    course: Course, marked: Iterable[float], number: int, *, missing: Sequence[float] = ()
) -> str:
    """The graph of one measure, empty while it has one answer only.

    Every number also stands in the table beside it.

    Args:
        course: The answers.
        marked: Weeks that are ticked under the graph: those of treatment, or of visits.
        number: Of the graph on its page, for the names of its parts.
        missing: Weeks at which nobody answered: no line goes over them.
    """
    if len(course.points) < 2:
        return ""
    weeks = [item.week for item in course.points]
    treated = sorted(set(marked))
    last = max([*weeks, *(week for week in treated if week <= max(weeks)), 1.0])

    def across(week: float) -> str:
        return f"{100 * week / last:.2f}%"

    def down(value: float) -> float:
        share = (value - course.low) / (course.high - course.low)
        return round(_FLOOR - share * (_FLOOR - _TOP), 1)

    inside = [
        f'<line class="course-grid" x1="0" x2="100%" y1="{down(value)}" y2="{down(value)}"/>'
        for value in (course.low, (course.low + course.high) / 2, course.high)
    ]
    if course.notices is not None and course.has_strip:
        start = course.points[0].value
        upper = min(start + course.notices, course.high)
        lower = max(start - course.notices, course.low)
        inside.insert(
            0,
            f'<rect class="course-strip" x="0" width="100%" y="{down(upper)}"'
            f' height="{round(down(lower) - down(upper), 1)}"/>',
        )
    inside += [
        f'<line class="course-treated" x1="{across(week)}" x2="{across(week)}"'
        f' y1="{_FLOOR}" y2="{_FLOOR + 8}"/>'
        for week in treated
        if week <= last
    ]
    inside += [
        f'<line class="course-line" x1="{across(one.week)}" y1="{down(one.value)}"'
        f' x2="{across(two.week)}" y2="{down(two.value)}"/>'
        for one, two in zip(course.points, course.points[1:], strict=False)
        if not any(one.week < week < two.week for week in missing)
    ]
    for item in course.points:
        side = _label_side(item.week / last)
        inside.append(
            f'<circle class="course-point" cx="{across(item.week)}" cy="{down(item.value)}"'
            f' r="4.5"/><text class="course-value" x="{across(item.week)}"'
            f' y="{_label_height(down(item.value))}" text-anchor="{side}">{item.value:g}</text>'
        )
    inside += _week_ticks(last, across)
    title = f"{course.name}, weeks 0 to {last:g}"
    desc = f"{course.caption} At the top {course.top_words}, at the bottom {course.bottom_words}."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="course" width="100%"'
        f' height="{_HEIGHT}" role="img" aria-labelledby="course-{number}-title'
        f' course-{number}-desc"><title id="course-{number}-title">{escape(title)}</title>'
        f'<desc id="course-{number}-desc">{escape(desc)}</desc>'
        f'<svg class="course-room" x="6%" y="0" width="88%" height="{_HEIGHT}"'
        f' overflow="visible">{"".join(inside)}</svg></svg>'
    )


def _label_side(share: float) -> str:
    return "start" if share < 0.03 else "end" if share > 0.97 else "middle"


def _label_height(y: float) -> float:
    """Above the point, or below it where the point is at the top."""
    return round(y + 20 if y < _TOP + 16 else y - 10, 1)


def _week_ticks(last: float, across: Callable[[float], str]) -> list[str]:
    gap = next(gap for gap in (1, 2, 4, 6, 8, 13, 26, 52, 104, last) if last / gap <= 5)
    weeks = [gap * place for place in range(int(last / gap) + 1)]
    return [
        f'<text class="course-tick" x="{across(week)}" y="{_FLOOR + 26}"'
        f' text-anchor="{_label_side(week / last)}">'
        f"{f'week {week:g}' if week == 0 else f'{week:g}'}</text>"
        for week in weeks
    ]


def treatment_dose(done: Treatment) -> str:
    """Where and how much, as far as it is stated."""
    parts = [site_name(site) for site in done.sites]
    parts += [
        form(value)
        for name, form in _DOSE_FORMS.items()
        if (value := getattr(done, name)) is not None
    ]
    if parts:
        return upper_first(f"{'; '.join(parts)}.")
    return "" if set(KINDS[done.kind]) <= {"what", "sites"} else "Dose not stated."
