"""The landscape as a page and at a terminal: sentences, pictures and the tables beside them.

Receives a landscape and, where they were worked out, sensitivities; gives one self-contained HTML
text. Every picture has its numbers as a table below, says what it is inside its own frame, and
draws lines by dash and word, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from myotome.report.page import page_foot, render
from myotome.simulation.landscape import (
    APART,
    LARGEST_CAUSE,
    LOOPS,
    Branch,
    Interval,
    Landscape,
    StableState,
)
from myotome.simulation.sensitivity import Effect, Sensitivity

if TYPE_CHECKING:
    from rich.console import Console

# Two lines, so that a picture on a phone still holds them.
LABEL_LINES: Final = ("Illustration of a hypothesis.", "Not a forecast for this person.")
LABEL: Final = " ".join(LABEL_LINES)
NOT_SHOWN: Final = (
    "Two stable states in these equations are no evidence for two stable states in a person.",
    "Nobody has measured, in one person, how far a paraspinal's pull narrows a foramen.",
    "Nor what input a motoneuron holds on to, nor how a needle ends it.",
    "The numbers behind it are choices with wide ranges; a sensitivity says which of them decide.",
    "The cause is held for ever here. In a person it heals, flares and changes.",
    "Stretching, strength and habit are not at work in these pictures.",
)
_SPASM: Final = 0.25


def landscape_page(
    result: Landscape,
    sensitivities: Sequence[Sensitivity] = (),
    *,
    version: str = "",
    command: str = "",
) -> str:
    """The landscape of a case, as the text of one HTML file.

    Args:
        result: The landscape.
        sensitivities: Of outcomes that were asked for.
        version: Of the program.
        command: The command that makes this page again.
    """
    foot = page_foot(f"{result.case_id}, Myotome {version}", "Not a forecast")
    context = {
        "result": result,
        "version": version,
        "command": command,
        "headline": headline(result),
        "findings": findings(result),
        "not_shown": NOT_SHOWN,
        "loops_picture": Markup(loops_picture(result)),  # noqa: S704 - escaped where it is made
        "whole_picture": Markup(bifurcation_picture(result)),  # noqa: S704 - likewise
        "near_picture": Markup(bifurcation_picture(result, near=True)),  # noqa: S704 - likewise
        "dose_picture": Markup(dose_picture(result)),  # noqa: S704 - likewise
        "region_picture": Markup(region_picture(result)),  # noqa: S704 - likewise
        "sensitivities": [
            (item, sensitivity_words(item), Markup(bars_picture(item, k)))  # noqa: S704 - likewise
            for k, item in enumerate(sensitivities)
        ],
        "loop_titles": LOOPS,
    }
    filters: dict[str, Callable[..., str]] = {
        "share": _share,
        "intervals": interval_words,
        "state": state_words,
        "gain": _gain,
    }
    return render("landscape.html.j2", context, filters, foot=foot, sheets=("landscape.css",))


# -- Sentences -------------------------------------------------------------------------------


def headline(result: Landscape) -> str:
    """What was found under this person's own cause, in one sentence."""
    here = f"a lasting cause of {result.own_cause_mm:.2f} mm"
    if result.is_bistable_here:
        quiet, chronic = result.states[0], result.states[-1]
        return (
            f"Under {here} the model can rest in two ways: muscles quiet, pain {quiet.pain:.1f} of"
            f" 10, or in spasm, pain {chronic.pain:.1f} of 10."
        )
    only = result.states[0]
    return f"Under {here} the model rests in one way only: {state_words(only)}."


def state_words(state: StableState) -> str:
    """A stable state in words."""
    muscles = {
        "well": "well",
        "painful": "painful, with the muscles quiet",
        "chronic": "muscles in spasm",
    }[state.kind]
    return f"{muscles}, pain {state.pain:.1f} of 10"


def interval_words(intervals: Iterable[Interval]) -> str:
    """Ranges of causes with two states in words."""
    said = [f"{i.low_mm:.2f} to {i.high_mm:.2f} mm ({i.width_mm:.2f} mm)" for i in intervals]
    return "; ".join(said) or "none: one stable state throughout"


def findings(result: Landscape) -> tuple[str, ...]:
    """What was found, one sentence a thing, with what it does not credit to the circle."""
    return tuple(
        sentence
        for sentence in (
            _bistability_words(result),
            _alone_words(result),
            _credit_words(result),
            _gain_words(result),
            _separatrix_words(result),
            _dose_words(result),
        )
        if sentence
    )


def _bistability_words(result: Landscape) -> str:
    every = result.loops("all")
    if not every.is_bistable:
        return (
            "No cause between 0 and 8 mm has two stable states: raised and lowered, the cause"
            " leads to the same rest. So set, the model has no valley to be pushed out of: relief"
            " lasts as long as what gives it."
        )
    said = f"Two stable states exist for causes of {interval_words(every.intervals)}."
    low, high = every.intervals[0].low_mm, every.intervals[-1].high_mm
    if low <= APART:
        said += " That begins at no cause at all: a spasm once begun would never end by itself."
    else:
        said += " Below there is one, with quiet muscles."
    return said if high >= LARGEST_CAUSE - APART else f"{said} Above there is one, in spasm."


def _alone_words(result: Landscape) -> str:
    alone = [result.loops(name) for name in ("horn", "motoneuron", "circle", "tendon")]
    have = [f"{item.title} ({item.width_mm:.2f} mm)" for item in alone if item.is_bistable]
    lack = [item.title for item in alone if not item.is_bistable]
    said = f"Two states by itself: {', '.join(have)}." if have else "No loop has two by itself."
    return f"{said} None by itself: {', '.join(lack)}." if lack else said


def _credit_words(result: Landscape) -> str:
    every, without = result.loops("all"), result.loops("without_circle")
    memory = result.loops("without_motoneuron")
    if not every.is_bistable and not without.is_bistable:
        return ""
    said = (
        f"With the circle held, {without.width_mm:.2f} mm of causes have two states; with it,"
        f" {every.width_mm:.2f} mm. The circle is credited with the difference,"
        f" {result.credit_mm:+.2f} mm."
    )
    if not memory.is_bistable:
        said += " Without the motoneuron's own memory the circle gives no two states at all."
    if result.is_bistable_here and without.holds_here:
        said += (
            " Under this person's own cause the two states are there without the circle too, so"
            " none of them is credited to it."
        )
    elif result.is_bistable_here:
        said += " Under this person's own cause the two states need the circle."
    return said


def _gain_words(result: Landscape) -> str:
    each = [
        f"{state.gain.product:.4f} {'in spasm' if state.discharge > _SPASM else 'at quiet rest'}"
        f" ({state.gain.at_rest:+.3f} once all has settled)"
        for state in result.states
    ]
    said = f"Gain of the circle, 1 being where it would sustain itself: {'; '.join(each)}."
    if max(abs(state.gain.product) for state in result.states) < 0.5:
        said += (
            " At a rest the circle is far from holding itself up; what it does, it does by moving"
            " the point at which the motoneuron switches."
        )
    return said


def _separatrix_words(result: Landscape) -> str:
    own = [s for s in result.separatrix if abs(s.cause_mm - result.own_cause_mm) < 1e-6]
    if not own:
        return ""
    here = own[0]
    quiet = (
        f"a quiet pool falls back into spasm beyond {_share(here.quiet)} of the way"
        if here.quiet is not None
        else "a quiet pool stays quiet anywhere on the way"
    )
    tight = (
        f"a pool in spasm lets go within {_share(here.sustained)} of the way"
        if here.sustained is not None
        else "a pool in spasm stays so anywhere on the way, even from a body otherwise at rest"
    )
    return f"On the straight way from quiet (0 %) to chronic (100 %): {quiet}; {tight}."


def _dose_words(result: Landscape) -> str:
    if not result.doses:
        return "There is nothing to cross, so no dose crosses it."
    least = [
        f"{dose.cause_mm:.2f} mm: {_least(dose.sessions, dose.insertions)}" for dose in result.doses
    ]
    said = "Least needling that crosses over, from chronic, by cause. " + "; ".join(least) + "."
    if not all(dose.is_monotone for dose in result.doses):
        said += (
            " At some causes more at once does less: a pool whose threshold was raised that far"
            " does not cramp at the next session."
        )
    return said


def _least(sessions: Sequence[int], insertions: Sequence[int | None]) -> str:
    for visits, pricks in zip(sessions, insertions, strict=True):
        if pricks is not None:
            return (
                f"{visits} {'session' if visits == 1 else 'weekly sessions'} of {pricks}"
                f" {'insertion' if pricks == 1 else 'insertions'} a site"
            )
    return "none that was tried"


def sensitivity_words(item: Sensitivity) -> str:
    """What a sensitivity says, in words computed from its numbers."""
    unit = "" if item.unit == "1" else f" {item.unit}"
    low, _, high = (_plain(value) for value in item.spread)
    said = (
        f"{item.meaning[0].upper()}{item.meaning[1:]}: {_plain(item.central)}{unit} with central"
        f" numbers; over the inner {100 * item.reach:.0f} % of all ranges {_plain(item.mean)}{unit}"
        f" on average, nine of ten between {low} and {high}{unit}."
    )
    if item.unreachable > 0.0 and item.mean_reachable is not None:
        said += (
            f" At {100 * item.unreachable:.0f} % of the points no cause gives the stated pain; at"
            f" the others the mean is {_plain(item.mean_reachable)}{unit}."
        )
    if item.is_constant or not item.kept:
        return f"{said} It does not change over the ranges."
    most = [f"{e.name} ({e.meaning}; total {_plain(e.total or 0.0)})" for e in item.kept[:3]]
    said += f" It hangs most on {'; '.join(most)}."
    if not item.is_settled:
        said += " These shares have not settled: other points would give another order."
    return f"{said} {item.evaluations} runs."


def _plain(value: float) -> str:
    return f"{value:.3g}" if abs(value) > 1e-5 else "0"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.0f} %"


def _gain(value: float) -> str:
    return f"{value:.3g}"


# -- Pictures --------------------------------------------------------------------------------


class _Axes:
    """A picture under construction: across in per cent of its width, down in pixels."""

    def __init__(
        self,
        name: str,
        across: tuple[float, float],
        down: tuple[float, float],
        height: int = 300,
    ) -> None:
        self.name = name
        self.low, self.high = across
        self.bottom, self.top = down
        self.height = height
        self.floor, self.ceiling = height - 80, 30
        self.parts: list[str] = []

    def x(self, value: float) -> str:
        """Place across of a value."""
        return f"{100.0 * (value - self.low) / (self.high - self.low):.2f}%"

    def y(self, value: float) -> float:
        """Place down of a value."""
        share = (value - self.bottom) / (self.top - self.bottom)
        return round(self.floor - share * (self.floor - self.ceiling), 1)

    def band(self, low: float, high: float) -> None:
        """Causes with two states, from floor to ceiling."""
        width = 100.0 * (high - low) / (self.high - self.low)
        self.parts.append(
            f'<rect class="scape-two" x="{self.x(low)}" y="{self.ceiling}" width="{width:.2f}%"'
            f' height="{self.floor - self.ceiling}"/>'
        )

    def line(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A line through points; widths are in per cent, so it is made of straight pieces."""
        inside = [(x, y) for x, y in points if self.low <= x <= self.high]
        self.parts += [
            f'<line class="{style}" x1="{self.x(a[0])}" y1="{self.y(a[1])}" x2="{self.x(b[0])}"'
            f' y2="{self.y(b[1])}"/>'
            for a, b in pairwise(inside)
        ]

    def text(self, x: str, y: float, said: str, *, anchor: str = "start", style: str = "") -> None:
        """Words at a place."""
        of = f' class="{style}"' if style else ""
        self.parts.append(
            f'<text{of} x="{x}" y="{round(y, 1)}" text-anchor="{anchor}">{escape(said)}</text>'
        )

    def ticks(self, across: Sequence[float], down: Sequence[float], said: str) -> None:
        """Both axes with their numbers; what goes across is said below."""
        for value in down:
            self.parts.append(
                f'<line class="scape-grid" x1="0" x2="100%" y1="{self.y(value)}"'
                f' y2="{self.y(value)}"/>'
            )
            self.text("-1.5%", self.y(value) + 5, f"{value:g}", anchor="end", style="scape-tick")
        for value in across:
            self.text(
                self.x(value), self.floor + 18, f"{value:g}", anchor="middle", style="scape-tick"
            )
        self.text("50%", self.floor + 37, said, anchor="middle", style="scape-tick")

    def drawn(self, title: str, desc: str) -> str:
        """The picture, framed, with what it is inside."""
        return framed(self.name, self.height, title, desc, self.parts)


def framed(name: str, height: int, title: str, desc: str, parts: Iterable[str]) -> str:
    """A picture in its frame, with the label that says what it is inside it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="scape" width="100%" height="{height}"'
        f' role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(f"{desc} {LABEL}")}</desc>'
        f'<rect class="scape-frame" x="0" y="0" width="100%" height="{height}"/>'
        f'<svg x="10%" y="0" width="84%" height="{height}" overflow="visible">'
        f"{''.join(parts)}</svg>"
        f'<text class="scape-label" x="50%" y="{height - 26}" text-anchor="middle">'
        f'{escape(LABEL_LINES[0])}</text><text class="scape-label" x="50%" y="{height - 9}"'
        f' text-anchor="middle">{escape(LABEL_LINES[1])}</text></svg>'
    )


def bifurcation_picture(result: Landscape, *, near: bool = False) -> str:
    """Pain at rest over the cause: stable states solid, what separates them broken.

    Args:
        result: The landscape.
        near: Only the causes about the two-state range; empty where there is none.
    """
    every = result.loops("all").intervals
    if near and not every:
        return ""
    across = _about(every) if near else (0.0, 8.0)
    axes = _Axes("near" if near else "whole", across, (0.0, 10.0), height=380)
    for item in every:
        axes.band(max(item.low_mm, across[0]), min(item.high_mm, across[1]))
    spaced = [across[0] + k * (across[1] - across[0]) / 4 for k in range(5)]
    axes.ticks(
        [round(v, 2) for v in spaced] if near else range(9),
        range(0, 11, 2),
        "cause: room it takes at the root (mm)",
    )
    well, chronic = result.branches
    axes.line(_points(well, spasm=False), "scape-quiet")
    axes.line(_points(chronic, spasm=True), "scape-spasm")
    if near:
        for style, pairs in _separatrices(result):
            axes.line(pairs, style)
    if across[0] <= result.own_cause_mm <= across[1]:
        axes.parts.append(
            f'<line class="scape-own" x1="{axes.x(result.own_cause_mm)}" y1="{axes.ceiling}"'
            f' x2="{axes.x(result.own_cause_mm)}" y2="{axes.floor}"/>'
        )
        axes.text(
            axes.x(result.own_cause_mm), axes.ceiling - 6, "this case", anchor="middle",
            style="scape-said",
        )  # fmt: skip
    _name_lines(axes, _points(well, spasm=False), _points(chronic, spasm=True))
    axes.text("-1.5%", 16, "pain of 10", anchor="start", style="scape-tick")
    where = "near the causes with two states" if near else "over all causes"
    return axes.drawn(
        f"Pain at rest {where}",
        f"{headline(result)} {_bistability_words(result)} Thin line: muscles quiet. Thick line: in"
        " spasm."
        + (
            " Dashes: above, a quiet pool is set off. Dots: below, a spasm lets go." if near else ""
        ),
    )


def _name_lines(
    axes: _Axes, quiet: Sequence[tuple[float, float]], spasm: Sequence[tuple[float, float]]
) -> None:
    """Words at the start of the quiet line and the end of the one in spasm."""
    for points, words, at, above in ((quiet, "quiet", 0, -20), (spasm, "in spasm", -1, -12)):
        inside = [(x, y) for x, y in points if axes.low <= x <= axes.high]
        if inside:
            x, y = inside[at]
            anchor = "start" if at == 0 else "end"
            axes.text(axes.x(x), axes.y(y) + above, words, anchor=anchor, style="scape-said")


def _about(intervals: Sequence[Interval]) -> tuple[float, float]:
    low, high = min(i.low_mm for i in intervals), max(i.high_mm for i in intervals)
    return max(low - 0.5 * (high - low), 0.0), min(high + 0.5 * (high - low), 8.0)


def _points(branch: Branch, *, spasm: bool) -> list[tuple[float, float]]:
    return [
        (cause, felt)
        for cause, felt, hold in zip(branch.causes_mm, branch.pain, branch.discharge, strict=True)
        if (hold > _SPASM) == spasm
    ]


def _separatrices(result: Landscape) -> list[tuple[str, list[tuple[float, float]]]]:
    quiet = [(s.cause_mm, s.quiet_pain) for s in result.separatrix if s.quiet_pain is not None]
    tight = [
        (s.cause_mm, s.sustained_pain) for s in result.separatrix if s.sustained_pain is not None
    ]
    return [("scape-edge", quiet), ("scape-let-go", tight)]


def loops_picture(result: Landscape) -> str:
    """Causes with two states, one bar for each choice of loops."""
    rows, height = 46, 46 * len(result.alone) + 102
    held = [i for item in result.alone for i in item.intervals]
    low, high = _about(held) if held else (0.0, 8.0)
    axes = _Axes("loops", (low, high), (0.0, 1.0), height=height)
    axes.floor, axes.ceiling = height - 80, 10
    for k, item in enumerate(result.alone):
        top = 12 + rows * k
        said = f"{item.title}: " + (f"{item.width_mm:.2f} mm" if item.is_bistable else "none")
        axes.text("0%", top + 14, said, style="scape-said" if item.is_bistable else "")
        axes.parts.append(
            f'<line class="scape-grid" x1="0" x2="100%" y1="{top + 29}" y2="{top + 29}"/>'
        )
        for found in item.intervals:
            width = 100.0 * found.width_mm / (high - low)
            axes.parts.append(
                f'<rect class="scape-bar" x="{axes.x(found.low_mm)}" y="{top + 22}"'
                f' width="{width:.2f}%" height="14"/>'
            )
    axes.ticks(
        [round(low + k * (high - low) / 4, 2) for k in range(5)], (), "causes with two states (mm)"
    )
    if low <= result.own_cause_mm <= high:
        x = axes.x(result.own_cause_mm)
        line = f'<line class="scape-own" x1="{x}" x2="{x}" y1="12" y2="{axes.floor}"/>'
        axes.parts.insert(0, line)  # under the words
    return axes.drawn(
        "Which loops give two stable states",
        " ".join(f"{item.title}: {interval_words(item.intervals)}." for item in result.alone)
        + " The broken upright line is the cause of this case.",
    )


def dose_picture(result: Landscape) -> str:
    """Least insertions that cross, sessions across and causes down; empty with nothing to cross."""
    if not result.doses:
        return ""
    sessions, rows = result.doses[0].sessions, 30
    height = rows * len(result.doses) + 136
    axes = _Axes("dose", (0.0, float(len(sessions))), (0.0, 1.0), height=height)
    axes.text("50%", 20, "weekly sessions", anchor="middle", style="scape-tick")
    for k, number in enumerate(sessions):
        axes.text(axes.x(k + 0.7), 42, f"{number}", anchor="middle", style="scape-tick")
    for row, dose in enumerate(result.doses):
        y = 66 + rows * row
        axes.text("2%", y, f"{dose.cause_mm:.2f}", anchor="end", style="scape-tick")
        for k, least in enumerate(dose.insertions):
            if least is None:
                axes.parts.append(
                    f'<rect class="scape-two" x="{axes.x(k + 0.25)}" y="{y - 19}"'
                    f' width="{90.0 / len(sessions):.2f}%" height="26"/>'
                )
            axes.text(
                axes.x(k + 0.7),
                y,
                "no" if least is None else f"{least}",
                anchor="middle",
                style="scape-said" if least is not None else "scape-tick",
            )
    axes.text(
        "50%", height - 50, "down: cause (mm)", anchor="middle",
        style="scape-tick",
    )  # fmt: skip
    return axes.drawn("Least needling that crosses over", _dose_words(result))


def region_picture(result: Landscape) -> str:
    """Causes with two states as one more number runs over its range; empty if it was not asked."""
    region = result.region
    if region is None:
        return ""
    found = [i for some in region.intervals for i in some]
    low, high = _about(found) if found else (0.0, 8.0)
    rows, height = 30, 30 * len(region.values) + 130
    axes = _Axes("region", (low, high), (0.0, 1.0), height=height)
    axes.text("-1.5%", 18, region.unit, anchor="end", style="scape-tick")
    for k, (value, some) in enumerate(zip(region.values, region.intervals, strict=True)):
        y = 34 + rows * k
        central = abs(value - region.central) < 1e-9 * max(abs(value), 1.0)
        axes.text(
            "-1.5%", y + 14, f"{value:.3g}", anchor="end",
            style="scape-said" if central else "scape-tick",
        )  # fmt: skip
        axes.parts += [
            f'<rect class="scape-bar" x="{axes.x(i.low_mm)}" y="{y}"'
            f' width="{100.0 * i.width_mm / (high - low):.2f}%" height="16"/>'
            for i in some
        ]
        if not some:
            axes.text("2%", y + 14, "one state throughout", style="scape-tick")
    axes.ticks(
        [round(low + k * (high - low) / 4, 2) for k in range(5)], (), "causes with two states (mm)"
    )
    return axes.drawn(
        f"Two states as one more number varies: {region.meaning}",
        " ".join(
            f"{value:.3g} {region.unit}: {interval_words(some)}."
            for value, some in zip(region.values, region.intervals, strict=True)
        ),
    )


def bars_picture(item: Sensitivity, number: int = 0) -> str:
    """Total and first-order index of the numbers that screening kept."""
    rows, kept = 46, item.kept
    height = rows * len(kept) + 96
    top_of = max([1.0, *((e.total_interval or (0.0, 0.0))[1] for e in kept)])
    scale = min(top_of, 1.5)
    axes = _Axes(f"bars-{number}", (0.0, scale), (0.0, 1.0), height=height)
    axes.floor, axes.ceiling = height - 80, 8
    for k, effect in enumerate(kept):
        axes.parts += _bar(effect, 8 + rows * k, scale)
    axes.ticks([v for v in (0, 0.5, 1, 1.5) if v <= scale], (), "share of variance explained")
    return axes.drawn(
        f"What decides: {item.meaning}",
        f"{sensitivity_words(item)} Filled: by itself. Outline: with all it interacts with. Line:"
        " the middle nine tenths of resamples.",
    )


def _bar(effect: Effect, top: int, scale: float) -> list[str]:
    def wide(value: float) -> str:
        return f"{100.0 * min(max(value, 0.0), scale) / scale:.2f}%"

    total, first = effect.total or 0.0, effect.first or 0.0
    low, high = effect.total_interval or (total, total)
    whisker = f'x1="{wide(low)}" x2="{wide(high)}" y1="{top + 38}" y2="{top + 38}"'
    return [
        f'<text x="0" y="{top + 13}">{escape(effect.name)}: {total:.2f}</text>',
        f'<rect class="scape-total" x="0" y="{top + 20}" width="{wide(total)}" height="14"/>',
        f'<rect class="scape-bar" x="0" y="{top + 20}" width="{wide(first)}" height="14"/>',
        f'<line class="scape-whisker" {whisker}/>',
    ]


# -- At a terminal ---------------------------------------------------------------------------


def print_landscape(
    result: Landscape,
    sensitivities: Sequence[Sensitivity] = (),
    console: Console | None = None,
) -> None:
    """Print what was found, the loops and the sensitivities."""
    from rich.console import Console as Screen  # noqa: PLC0415 - heavy, and only for a terminal
    from rich.table import Table  # noqa: PLC0415 - likewise

    out = console or Screen(highlight=False)
    out.print(headline(result), style="bold")
    for sentence in findings(result):
        out.print(sentence)
    table = Table(title="Causes with two stable states", title_justify="left")
    for name in ("loops", "causes", "under this case's cause"):
        table.add_column(name)
    for item in result.alone:
        table.add_row(
            item.title, interval_words(item.intervals), "yes" if item.holds_here else "no"
        )
    out.print(table)
    for found in sensitivities:
        out.print(sensitivity_words(found))
    for said in result.taken_instead:
        out.print(said)
    out.print(LABEL, style="bold")
