"""Course figures: the weeks as small multiples, drawn as SVG that a page holds in itself.

It receives a course; gives panels of one size with the same weeks axis. A line is the run with
the central value of every number: treated solid, sham dotted, untreated dashed, each named at its
end. Shades hold half and nine tenths of the treated runs, hairlines are some of them. Each day is
read once, before anything is done on it; what passes within hours is said in words. What really
happened has a panel of its own and never lies on a line of the model. Widths are shares, heights
are pixels, so that words keep their size from a phone to a printed sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.case import Case
from myotome.report.course_words import (
    ARM_NAMES,
    NAMES,
    difference,
    last_week,
    needled_weeks,
    readings,
    said,
)
from myotome.report.words import root_name
from myotome.simulation import ARMS, Course
from myotome.simulation.dataset import ILLUSTRATION

Array = NDArray[np.float64]

RUNS_AT_MOST: Final = 12
EFFECT_AXIS: Final = (-4.0, 2.0)
_UNITS: Final = 1000  # of the inner drawing, both ways: whole numbers keep the page small
_COARSE: Final = 3.0  # of those units: what no eye can tell apart is left out
_TOP: Final = 8
_BELOW: Final = 28
_TALL: Final = 168
_LOW: Final = 112
_STRIP: Final = 56
_LABEL_GAP: Final = 17
_WEEK: Final = 7.0
_PAIN: Final = (0.0, 10.0)
_SHARE: Final = (0.0, 1.0)
_WHOLE_SCALES: Final[Mapping[str, tuple[float, float]]] = {
    "pain": _PAIN,
    "irritation": _SHARE,
    "sensitisation": _SHARE,
}
_FROM_ZERO: Final = frozenset({"tone", "tendon_strain", "tendon_damage", "receptors", "soreness"})
_ARM_ORDER: Final = ("untreated", "sham", "treated")  # the treated line lies on top


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing with its title, unit and what it says to someone who does not see it."""

    key: str
    title: str
    unit: str
    svg: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical axis: its ends and the values that are named on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """How far down a value stands, 0 at the top and 1 at the floor."""
        return (self.high - value) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class _Curve:
    """A line of one arm over the days, and the words at its end."""

    arm: str
    values: Array
    label: str


def pain_panel(course: Course, key: str = "pain") -> Panel:
    """Pain over the whole of its scale; `key` for the names of its parts."""
    scale = _scale(_PAIN, 5.0)
    return _course_panel(course, "pain", 0, key=key, title="Pain", scale=scale, height=_TALL)


def difference_panel(course: Course, key: str = "difference") -> Panel:
    """Pain of the treated minus that of the sham, each run against itself."""
    gaps = _daily(course, "pain", "treated", 0) - _daily(course, "pain", "sham", 0)
    end = said(float(gaps[0, -1]), 1)
    scale = _scale(EFFECT_AXIS, 2.0)
    unit = "points; below 0: less pain"
    desc = (
        f"In the central run {end} at week {last_week(course):g}."
        f" Axis from {scale.low:g} to {scale.high:g}."
    )
    svg = _drawing(
        course,
        [_Curve("treated", gaps[0], f"{end} points")],
        gaps,
        key=key,
        title=f"Pain, treated minus sham, {unit}",
        desc=desc,
        scale=scale,
        height=_TALL,
    )
    return Panel(key, "Treated minus sham", unit, svg)


def muscle_panels(course: Course, muscles: Sequence[int], quantity: str) -> tuple[Panel, ...]:
    """One quantity of some muscles, side by side on the same scale."""
    scale = _shared_scale(course, quantity, muscles)
    return tuple(
        _course_panel(
            course,
            quantity,
            muscle,
            key=f"{quantity}-{muscle}",
            title=course.preparation.labels[muscle],
            scale=scale,
            height=_LOW,
        )
        for muscle in muscles
    )


def root_panels(course: Course) -> tuple[Panel, ...]:
    """Compression of each root over the whole of its scale."""
    return tuple(
        _course_panel(
            course,
            "irritation",
            place,
            key=f"irritation-{place}",
            title=root_name(root),
            scale=_scale(_SHARE, 0.5),
            height=_LOW,
        )
        for place, root in enumerate(course.preparation.roots)
    )


def outcome_panel(case: Case, course: Course) -> Panel | None:
    """Pain as the source reports it, on the same weeks and scale; None where it reports none."""
    end = last_week(course)
    points = [item for item in case.outcomes if item.measure == "nprs" and 0 <= item.week <= end]
    if not points:
        return None
    scale = _scale(_PAIN, 10.0)
    inside = [*_grid(scale, _STRIP)]
    for item in points:
        x, y = _across(item.week, end), _TOP + scale.share(item.value) * _STRIP
        beside = y - 9 if scale.share(item.value) > 0.8 else y  # clear of the axis
        away, side = (10, "start") if item.week < 0.85 * end else (-10, "end")
        inside.append(
            f'<circle class="weeks-real" cx="{x}" cy="{y:.1f}" r="4.5"/>'
            f'<text class="weeks-label" x="{x}" y="{beside:.1f}" dx="{away}" dy="0.35em"'
            f' text-anchor="{side}">{item.value:g}</text>'
        )
    inside += _week_axis(end, _TOP + _STRIP)
    listed = "; ".join(f"week {item.week:g}: {item.value:g}" for item in points)
    title = "Pain that the source reports, NPRS, 0 to 10"
    svg = _framed("real", title, f"{listed}. Not part of the model.", _STRIP, inside)
    return Panel("real", "What really happened: pain", "NPRS, 0 to 10", svg)


# Beside trials and rivals


def effect_mark(  # noqa: PLR0913 - what a mark can show, by name
    key: str,
    title: str,
    *,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    runs: Iterable[float] = (),
) -> str:
    """Pain against sham on the axis that the model, its rivals and trials share.

    Args:
        key: For the names of its parts.
        title: What it shows, in words.
        value: Where the mark stands; without one the axis is empty.
        low: Lower end of an interval.
        high: Upper end of it.
        runs: Single runs, drawn as hairs.
    """
    middle, height = 12, 24
    inside = [
        f'<line class="weeks-grid{" weeks-zero" if tick == 0 else ""}" x1="{_effect_x(tick)}"'
        f' x2="{_effect_x(tick)}" y1="0" y2="{height}"/>'
        for tick in (-4.0, -2.0, 0.0, 2.0)
    ]
    inside += [
        f'<line class="weeks-hair" x1="{x}" x2="{x}" y1="4" y2="20"/>'
        for x in sorted({_effect_x(run) for run in runs})
    ]
    if low is not None and high is not None:
        inside.append(
            f'<line class="weeks-interval" x1="{_effect_x(low)}" x2="{_effect_x(high)}"'
            f' y1="{middle}" y2="{middle}"/>'
        )
    if value is not None:
        kind = "weeks-run-mark" if runs else "weeks-trial-mark"
        inside.append(f'<circle class="{kind}" cx="{_effect_x(value)}" cy="{middle}" r="5"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="weeks-effect" width="100%"'
        f' height="{height}" role="img" aria-labelledby="weeks-{key}-title weeks-{key}-desc">'
        f'<title id="weeks-{key}-title">{escape(title)}</title>'
        f'<desc id="weeks-{key}-desc">Axis from 4 points less pain than sham to 2 points more.'
        f"</desc>{''.join(inside)}</svg>"
    )


def effect_axis(part: str) -> str:
    """The named axis over those marks, once for each part of a table."""
    key = f"weeks-axis-{'-'.join(part.lower().replace(',', '').split())}"
    ticks = "".join(
        f'<text class="weeks-tick" x="{_effect_x(tick)}" y="13" text-anchor="{side}">'
        f"{tick:g}</text>"
        for tick, side in ((-4.0, "start"), (-2.0, "middle"), (0.0, "middle"), (2.0, "end"))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="weeks-effect" width="100%" height="18"'
        f' role="img" aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">Points of pain against sham</title>'
        f'<desc id="{key}-desc">From -4 to 2; below 0 is less pain than sham.</desc>'
        f"{ticks}</svg>"
    )


def runs_of(course: Course) -> tuple[float, ...]:
    """Treated minus sham at the end in every run."""
    return tuple(float(gap) for gap in difference(course, last_week(course)))


def _effect_x(value: float) -> str:
    low, high = EFFECT_AXIS
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return f"{2 + 96 * share:.1f}%"


# One panel


def _course_panel(  # noqa: PLR0913 - what one panel of a row differs in
    course: Course,
    quantity: str,
    column: int,
    *,
    key: str,
    title: str,
    scale: Scale,
    height: int,
) -> Panel:
    naming = NAMES[quantity]
    ends = [course.arm(arm, quantity)[0, -1, column] for arm in ARMS]
    words = [
        f"{ARM_NAMES[arm]} {said(float(end), naming.decimals)}"
        for arm, end in zip(ARMS, ends, strict=True)
    ]
    curves = [
        _Curve(arm, _daily(course, quantity, arm, column)[0], words[ARMS.index(arm)])
        for arm in _ARM_ORDER
    ]
    whole = f"{naming.title}, {naming.unit}: {title}" if title != naming.title else title
    starts = said(float(curves[-1].values[0]), naming.decimals)
    desc = (
        f"From {starts} at the first visit to {', '.join(words).lower()} at week"
        f" {last_week(course):g} in the central run. Axis from {scale.low:g} to {scale.high:g}."
    )
    svg = _drawing(
        course,
        curves,
        _daily(course, quantity, "treated", column),
        key=key,
        title=whole,
        desc=desc,
        scale=scale,
        height=height,
    )
    return Panel(key, title, naming.unit, svg)


def _drawing(  # noqa: PLR0913 - everything that one drawing shows
    course: Course,
    curves: Sequence[_Curve],
    runs: Array,
    *,
    key: str,
    title: str,
    desc: str,
    scale: Scale,
    height: int,
) -> str:
    """Grid, shades, hairlines, lines, ticks of needling, weeks, and names at the line ends."""
    end = last_week(course)
    floor = _TOP + height
    path = _path_maker(_days(course), scale)
    inner = []
    if runs.shape[0] > 1:
        for outer, name in ((0.05, "90"), (0.25, "50")):
            low, high = np.quantile(runs, [outer, 1.0 - outer], axis=0)
            shape = f"M{path(high)}L{path(low[::-1], backwards=True)}Z"
            inner.append(f'<path class="weeks-band weeks-band-{name}" d="{shape}"/>')
        hairs = "".join(f"M{path(run)}" for run in _picked(runs))
        inner.append(f'<path class="weeks-hairs" d="{hairs}"/>')
    inner += [
        f'<path class="weeks-line weeks-{curve.arm}" d="M{path(curve.values)}"/>'
        for curve in curves
    ]
    room = (
        f'<svg y="{_TOP}" width="100%" height="{height}" viewBox="0 0 {_UNITS} {_UNITS}"'
        f' preserveAspectRatio="none">{"".join(inner)}</svg>'
    )
    needled = [
        f'<line class="weeks-needled" x1="{_across(week, end)}" x2="{_across(week, end)}"'
        f' y1="{floor - 5}" y2="{floor + 5}"/>'
        for week in needled_weeks(course)
        if week <= end
    ]
    labels = _end_labels(curves, scale, height)
    drawn = [*_grid(scale, height), room, *_week_axis(end, floor), *needled, labels]
    return _framed(key, title, desc, height, drawn)


def _framed(key: str, title: str, desc: str, height: int, inside: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="weeks-drawing" width="100%"'
        f' height="{_TOP + height + _BELOW}" role="img"'
        f' aria-labelledby="weeks-{key}-title weeks-{key}-desc">'
        f'<title id="weeks-{key}-title">{escape(title)}</title>'
        f'<desc id="weeks-{key}-desc">{escape(f"{desc} {ILLUSTRATION}")}</desc>'
        f"{''.join(inside)}</svg>"
    )


def _picked(runs: Array) -> Array:
    """Some of the runs, evenly through their order, which is by lot; never the central one."""
    others = runs[1:]
    number = min(RUNS_AT_MOST, len(others))
    picked: Array = others[np.linspace(0, len(others) - 1, number).astype(int)]
    return picked


def _days(course: Course) -> Array:
    """Every whole day, and the end."""
    end = float(course.days[-1])
    return np.append(np.arange(0.0, end - 1e-9), end)


def _daily(course: Course, quantity: str, arm: str, column: int) -> Array:
    """One reading a day, shape (draws, days); before anything is done on that day."""
    of_arm = [
        readings(course, quantity, day / _WEEK)[:, ARMS.index(arm), column] for day in _days(course)
    ]
    return np.stack(of_arm, axis=1)


def _path_maker(days: Array, scale: Scale) -> Callable[..., str]:
    """Turns values over the days into points, without those that no eye would miss."""
    across = days / days[-1] * _UNITS

    def path(values: Array, *, backwards: bool = False) -> str:
        x = across[::-1] if backwards else across
        y = np.clip((scale.high - values) / (scale.high - scale.low), -0.05, 1.05) * _UNITS
        kept = _simplified(x, y)
        return " ".join(f"{x[i]:.0f},{y[i]:.0f}" for i in kept)

    return path


def _simplified(x: Array, y: Array) -> list[int]:
    """Places of the points to keep: Douglas and Peucker's rule with heights for distances."""
    kept, open_parts = {0, len(x) - 1}, [(0, len(x) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if last - first < 2:
            continue
        between = slice(first + 1, last)
        width = x[last] - x[first]
        share = (x[between] - x[first]) / width if width else np.zeros(last - first - 1)
        off = np.abs(y[between] - (y[first] + share * (y[last] - y[first])))
        worst = int(off.argmax())
        if off[worst] > _COARSE:
            place = first + 1 + worst
            kept.add(place)
            open_parts += [(first, place), (place, last)]
    return sorted(kept)


def _grid(scale: Scale, height: int) -> list[str]:
    found = []
    for tick in scale.ticks:
        y = f"{_TOP + scale.share(tick) * height:.1f}"
        zero = " weeks-zero" if tick == 0.0 and scale.low < 0.0 else ""
        found.append(
            f'<line class="weeks-grid{zero}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
            f'<text class="weeks-tick" x="0" y="{y}" dx="-6" dy="0.35em" text-anchor="end">'
            f"{tick:g}</text>"
        )
    return found


def _week_axis(end: float, floor: int) -> list[str]:
    step = next(step for step in (1, 2, 4, 8, 13, 26, 52) if end / step <= 4)
    weeks = [float(week) for week in range(0, int(end) + 1, step)]
    texts = [
        f'<text class="weeks-tick" x="{_across(week, end)}" y="{floor + 20}"'
        f' text-anchor="middle">{week:g}</text>'
        for week in weeks
    ]
    base = f'<line class="weeks-base" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>'
    name = f'<text class="weeks-tick" x="100%" dx="12" y="{floor + 20}">weeks</text>'
    return [base, *texts, name]


def _across(week: float, end: float) -> str:
    return f"{100 * week / end:.2f}%"


def _end_labels(curves: Sequence[_Curve], scale: Scale, height: int) -> str:
    """Names beside the ends of lines, moved apart where they would touch, with a leader each."""
    found = _in_order(curves, scale, height)
    wanted = [float(np.clip(y, 0.0, height)) for y, _ in found]
    placed = _apart(wanted, _LABEL_GAP, height)
    parts = [
        f'<path class="weeks-leader weeks-{curve.arm}" d="M0 {y:.1f}L3 {y:.1f}L9 {to:.1f}"/>'
        f'<text class="weeks-label weeks-label-{curve.arm}" x="12" y="{to:.1f}" dy="0.35em">'
        f"{escape(curve.label)}</text>"
        for (_, curve), y, to in zip(found, wanted, placed, strict=True)
    ]
    return (
        f'<svg x="100%" y="{_TOP}" width="1" height="1" overflow="visible">{"".join(parts)}</svg>'
    )


def _in_order(curves: Sequence[_Curve], scale: Scale, height: int) -> list[tuple[float, _Curve]]:
    """Curves from the highest end to the lowest; those that meet stay in the order of the arms."""
    order = {arm: place for place, arm in enumerate(ARMS)}
    ends = [(scale.share(float(curve.values[-1])) * height, curve) for curve in curves]
    return sorted(ends, key=lambda item: (round(item[0]), order[item[1].arm]))


def _apart(wanted: Sequence[float], gap: float, height: float) -> list[float]:
    """Heights in the same order, at least a gap apart and as near as can be to what was wanted."""
    groups: list[tuple[float, int]] = []  # middle and size of labels that stand together
    for y in wanted:
        groups.append((y, 1))
        while len(groups) > 1:
            (above, some), (below, more) = groups[-2:]
            if below - above >= 0.5 * gap * (some + more):
                break
            middle = (above * some + below * more) / (some + more)
            groups[-2:] = [(middle, some + more)]
    placed: list[float] = []
    for middle, size in groups:
        first = middle - 0.5 * gap * (size - 1)
        placed += [first + gap * place for place in range(size)]
    for place in range(len(placed)):  # from the top down: none above the drawing
        least = placed[place - 1] + gap if place else 0.0
        placed[place] = max(placed[place], least)
    for place in reversed(range(len(placed))):  # then from the floor up: none in the weeks
        most = placed[place + 1] - gap if place + 1 < len(placed) else height - 2.0
        placed[place] = min(placed[place], most)
    return placed


# Scales


def _scale(ends: tuple[float, float], step: float) -> Scale:
    low, high = ends
    ticks = tuple(float(tick) for tick in np.arange(low, high + 0.5 * step, step))
    return Scale(low, high, ticks)


def _shared_scale(course: Course, quantity: str, columns: Sequence[int]) -> Scale:
    """A scale with round ticks that holds nine tenths of the runs and every central line."""
    if quantity in _WHOLE_SCALES:
        low, high = _WHOLE_SCALES[quantity]
        return _scale((low, high), 0.5 * (high - low))
    values = course.values[quantity][..., list(columns)]
    spread = np.quantile(values[:, ARMS.index("treated")], [0.05, 0.95], axis=0)
    low = float(min(spread.min(), values[0].min()))
    high = float(max(spread.max(), values[0].max()))
    if quantity in _FROM_ZERO:
        low = 0.0
    reach = max(high - low, 1e-6)
    low, high = low - (0.0 if quantity in _FROM_ZERO else 0.05 * reach), high + 0.05 * reach
    step = _round_step(high - low)
    first = np.ceil(low / step - 1e-9) * step
    ticks = (round(float(tick), 9) + 0.0 for tick in np.arange(first, high + 1e-9, step))
    return Scale(low, high, tuple(ticks))


def _round_step(reach: float) -> float:
    """The smallest round step of which four or fewer hold the reach."""
    power = 10.0 ** np.floor(np.log10(reach / 4.0))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if reach / (factor * power) <= 4.0:
            return float(factor * power)
    return float(10.0 * power)
