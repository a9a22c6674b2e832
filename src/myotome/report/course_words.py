"""Course words: what a course of weeks says, in sentences made from its numbers.

It receives a course, and others made under rival explanations; gives the readings that figures,
tables and the terminal share, and captions for a practitioner. A sentence that counts runs always
says out of how many. Lines are the run with the central value of every number; the other runs
show what the uncertain numbers allow. Nothing here says what will happen to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import Site, atlas
from myotome.case import Case
from myotome.report.evidence import EvidenceRow, evidence
from myotome.report.words import listed, lower_first, root_name, upper_first
from myotome.simulation import ARMS, CUTS, QUANTITIES, RIVALS, Course
from myotome.simulation.dataset import schedule_words
from myotome.treatment.conclusion import beside_words, names_words

Array = NDArray[np.float64]

WEEKS: Final = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 12.0)
ARM_NAMES: Final[Mapping[str, str]] = {
    "treated": "Treated",
    "sham": "Sham",
    "untreated": "Untreated",
}
IF_RIGHT: Final = (
    "This shows how the idea would work if it is right. It is not a forecast for this person,"
    " and it is not evidence."
)
_DAYS_IN_A_WEEK: Final = 7.0
_ALIKE: Final = 0.1  # NPRS: below this two arms are said to be alike; ours
_NOTED: Final = 0.5  # NPRS: half of the smallest change people notice; ours
_NOTHING: Final = 0.05  # NPRS: below this one decimal says 0.0
_SORE: Final = 0.5  # NPRS: above this a muscle is said to be sore; ours


@dataclass(frozen=True, slots=True)
class Naming:
    """How a quantity is called: title, unit, decimals, and what treatment is meant to do to it.

    `more` and `less` end the sentence "the treated muscle was ... than the sham one".
    """

    title: str
    unit: str
    decimals: int
    more: str
    less: str


NAMES: Final[Mapping[str, Naming]] = {
    "pain": Naming("Pain", "NPRS, 0 to 10", 1, "in more pain", "in less pain"),
    "tone": Naming("Tone at rest", "% of maximum", 1, "more tense", "less tense"),
    "length": Naming("Length", "% of health", 1, "longer", "shorter"),
    "range": Naming("Range", "°", 0, "freer to move", "stiffer"),
    "tendon_strain": Naming("Tendon strain at rest", "%", 2, "more strained", "less strained"),
    "tendon_damage": Naming("Tendon damage", "0 to 1", 3, "more damaged", "less damaged"),
    "joint_stress": Naming("Joint stress at rest", "MPa", 2, "more loaded", "less loaded"),
    "receptors": Naming(
        "Receptors outside the endplate",
        "per µm²",
        0,
        "more sensitive",
        "less sensitive",
    ),
    "pressure_pain_threshold": Naming(
        "Pressure pain threshold", "kPa", 0, "less tender", "more tender"
    ),
    "strength": Naming("Strength", "% of usual", 0, "stronger", "weaker"),
    "soreness": Naming("Soreness from needling", "NPRS, 0 to 10", 1, "sorer", "less sore"),
    "sensitisation": Naming("Central sensitisation", "0 to 1", 2, "higher", "lower"),
    "irritation": Naming("Compression of the root", "0 to 1", 2, "higher", "lower"),
    "disc_height": Naming("Height of the disc", "% of health", 2, "higher", "lower"),
}


# Readings


def last_week(course: Course) -> float:
    """The week in which the course ends."""
    return float(course.days[-1]) / _DAYS_IN_A_WEEK


def weeks_of(course: Course) -> tuple[float, ...]:
    """The weeks that tables show: those of the usual grid within the course, and its end."""
    end = last_week(course)
    return (*(week for week in WEEKS if week < end - 1e-9), end)


def readings(course: Course, quantity: str, week: float) -> Array:
    """A quantity at a week, shape (draws, arms, columns); before anything is done on that day."""
    day = week * _DAYS_IN_A_WEEK
    values = course.values[quantity]
    after = min(int(np.searchsorted(course.days, day - 1e-9)), len(course.days) - 1)
    if after == 0 or abs(course.days[after] - day) < 1e-9:
        found: Array = values[:, :, after]
        return found
    before = after - 1
    share = (day - course.days[before]) / (course.days[after] - course.days[before])
    between: Array = (1.0 - share) * values[:, :, before] + share * values[:, :, after]
    return between


def difference(course: Course, week: float) -> Array:
    """Pain of the treated minus that of the sham, within each run, shape (draws,)."""
    pain = readings(course, "pain", week)[:, :, 0]
    found: Array = pain[:, ARMS.index("treated")] - pain[:, ARMS.index("sham")]
    return found


def needled_weeks(course: Course) -> tuple[float, ...]:
    """The weeks in which something is needled, in order."""
    days = {event.day for event in course.schedule.events if event.kind == "needling"}
    return tuple(day / _DAYS_IN_A_WEEK for day in sorted(days))


def needled_sites(course: Course) -> frozenset[Site]:
    """Every place that is needled."""
    events = (event for event in course.schedule.events if event.kind == "needling")
    return frozenset(site for event in events for site in event.sites)


def chosen_muscles(course: Course) -> tuple[int, ...]:
    """Places of the most affected paraspinal and the most affected limb muscle.

    The shortest at the first visit in the central run; among equals, the first that is needled.
    """
    short = readings(course, "length", 0.0)[0, ARMS.index("untreated")].round(2)
    needled = needled_sites(course)
    muscles = course.preparation.muscles
    chosen = []
    for paraspinal in (True, False):
        these = [i for i, site in enumerate(muscles) if (site.kind == "paraspinal") == paraspinal]
        if these:
            chosen.append(min(these, key=lambda i: (short[i], muscles[i] not in needled, i)))
    return tuple(chosen)


def muscle_title(course: Course, muscle: int) -> str:
    """A muscle in words, and whether it is needled."""
    site = course.preparation.muscles[muscle]
    label = course.preparation.labels[muscle]
    return label if site in needled_sites(course) else f"{label} (not needled)"


# How numbers are said


def said(value: float, decimals: int) -> str:
    """A number with so many decimals, and never a minus before zero.

    >>> said(-0.04, 1), said(3.26, 1)
    ('0.0', '3.3')
    """
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def span(values: Array, decimals: int) -> str:
    """Where nine tenths of the runs lie.

    >>> span(np.array([-1.0, 0.0, 1.0]), 1)
    '-0.9 to 0.9'
    """
    low, high = np.quantile(values, [0.05, 0.95])
    return f"{said(float(low), decimals)} to {said(float(high), decimals)}"


def of_runs(number: int, course: Course) -> str:
    """A count of runs, said in full: 41 of 64 runs."""
    return f"{number} of {course.draws} runs"


# Captions


def pain_sentences(course: Course) -> tuple[str, ...]:
    """What the figure of pain says, beside what trials found."""
    if not needled_weeks(course):
        return (pain_sentence(course),)
    found = (difference_sentence(course), pain_sentence(course), trials_sentence(course))
    return tuple(sentence for sentence in found if sentence)


def beside_sentences(course: Course) -> tuple[str, ...]:
    """What the figure of pain cannot show: soreness after a needling, and what was fitted."""
    return (soreness_sentence(course), matched_sentence(course))


def key_sentence(course: Course) -> str:
    """What lines, shades and ticks are."""
    lines = (
        "Lines: the central run, with the central value of every uncertain number; solid treated,"
        " dotted sham, dashed untreated. One reading a day, before anything is done on it."
        f"{' Ticks on the axis: needling.' if needled_weeks(course) else ''}"
    )
    if course.draws == 1:
        return f"{lines} One run, so nothing shows how uncertain the numbers are."
    return (
        f"{lines} Shades: half and nine tenths of the {course.draws} treated runs; hairlines: some"
        " of those runs. Each run takes other values from the ranges of the uncertain numbers."
    )


def scales_sentence() -> str:
    """How to read the panels of muscles."""
    return (
        "Lines, shades and ticks as above. Panels side by side share one scale; not every scale"
        " begins at zero. Shortness here is the model's, not a finding. Range: model range of the"
        " joint this muscle moves, no clinical measure."
    )


def effects_key(course: Course) -> str:
    """What the marks beside trials are."""
    runs = "" if course.draws == 1 else " Hairs: each run."
    return (
        f"Dots of the model: the central run.{runs} {trials_key()}"
        " The model's spread is of uncertain numbers, not of people."
    )


def trials_key() -> str:
    """What the marks of trials are."""
    return (
        "Dots of trials: the difference read, with its interval where one was read. Trials in"
        " which none was found stand in the same size."
    )


def pain_sentence(course: Course) -> str:
    """Pain of each arm at the end, in the central run."""
    week = last_week(course)
    ends = readings(course, "pain", week)[0, :, 0]
    arms = ", ".join(f"{said(float(end), 1)} {arm}" for end, arm in zip(ends, ARMS, strict=True))
    return (
        f"In the central run, where every uncertain number takes its central value, pain is at"
        f" {arms} at week {week:g}."
    )


def difference_sentence(course: Course) -> str:
    """In how many runs treatment made a difference against sham; empty for a single run."""
    if course.draws == 1:
        return ""
    week = last_week(course)
    gaps = difference(course, week)
    less, more = int((gaps <= -_NOTED).sum()), int((gaps >= _NOTED).sum())
    alike = int((np.abs(gaps) < _ALIKE).sum())
    low, high = np.quantile(gaps, [0.05, 0.95])
    typical = low - 1e-9 <= gaps[0] <= high + 1e-9
    rest = course.draws - alike - less - more
    parts = [f"in {less} treated ended at least half a point lower"]
    if more:
        parts.append(f"in {more} at least half a point higher")
    if rest:
        parts.append(f"in {rest} they ended {_ALIKE:g} to {_NOTED:g} apart")
    central = f"; the central run ({said(float(gaps[0]), 1)}) is not typical"
    return (
        f"In {of_runs(alike, course)} treated and sham ended alike at week {week:g} (less than"
        f" {_ALIKE:g} apart); {listed(parts)}{'' if typical else central}."
    )


def muscle_sentences(course: Course) -> tuple[str, ...]:
    """What the runs say of each chosen muscle."""
    if not needled_weeks(course):
        return ()
    found = (muscle_sentence(course, muscle) for muscle in chosen_muscles(course))
    return tuple(sentence for sentence in found if sentence)


def muscle_sentence(course: Course, muscle: int, quantity: str = "length") -> str:
    """In how many runs the treated muscle was longer than the sham one; empty for a single run."""
    if course.draws == 1:
        return ""
    week = min(6.0, last_week(course))
    naming = NAMES[quantity]
    found = readings(course, quantity, week)[:, :, muscle]
    gaps = found[:, ARMS.index("treated")] - found[:, ARMS.index("sham")]
    step = 10.0**-naming.decimals
    more, less = int((gaps >= step).sum()), int((gaps <= -step).sum())
    rest = course.draws - more - less
    label = lower_first(course.preparation.labels[muscle])
    if course.preparation.muscles[muscle] in needled_sites(course):
        whose = f"the treated muscle ({label}) was {naming.more} than the sham one"
    else:
        whose = f"{label} (not needled) was {naming.more} in the treated arm than in the sham one"
    sentence = f"In {of_runs(more, course)} {whose} at week {week:g}"
    if less:
        sentence += f", in {less} {naming.less}"
    return f"{sentence}; in {rest} the two were alike." if rest else f"{sentence}."


def soreness_sentence(course: Course) -> str:
    """How sore needling leaves a muscle, and for how long, in the treated arm."""
    if not needled_weeks(course):
        return "Nothing is needled, so the model has no soreness from it."
    sore = course.arm("treated", "soreness").max(axis=2)
    peak = sore.max(axis=1)
    first = needled_weeks(course)[0] * _DAYS_IN_A_WEEK
    lasting = [_sore_for(course.days, run, first) for run in sore]
    middle, longest = float(np.median(lasting)), float(np.max(lasting))
    high = f"{said(float(peak[0]), 1)} of 10"
    among = f" (90 % of runs: {span(peak, 1)})" if course.draws > 1 else ""
    gone = f"It is under {_SORE:g} of 10 {_hours(middle)}"
    worst = f", {_hours(longest)} in the run where it lasts longest" if course.draws > 1 else ""
    return (
        f"Soreness: a needled muscle aches by up to {high}{among} right after a visit. {gone}"
        f"{worst}. Part of it counts as pain."
    )


def _sore_for(days: Array, sore: Array, first: float) -> float:
    """Days from the first needling until a run is no longer sore."""
    above = np.flatnonzero((days >= first) & (sore > _SORE) & (days < first + 6.5))
    return float(days[above[-1]] - first) if above.size else 0.0


def _hours(days: float) -> str:
    """A short time in words, rounded up to what the model resolves."""
    hours = days * 24.0
    if hours < 3.0:
        return "within 3 hours"
    return f"after {hours:.0f} hours" if hours < 36.0 else f"after {days:.1f} days"


def matched_sentence(course: Course) -> str:
    """Which of the numbers were fitted to this case."""
    start = course.values["pain"][:, 0, 0, 0]
    stated = course.beginning.pain
    if stated <= 0.0:
        return "No pain was given for the first day, so nothing was matched."
    # What stands in for a pain that is not stated is said in `taken_instead`.
    assumed = any(words.startswith("Pain ") for words in course.taken_instead)
    unmatched = start[np.abs(start - stated) > _ALIKE]
    done = f"matched to an assumed {stated:g}" if assumed else "matched"
    said_so = f"Pain on the first day was {done}; nothing after it was."
    if not unmatched.size:
        return said_so
    low, high = said(float(unmatched.min()), 1), said(float(unmatched.max()), 1)
    begin = f"at {low}" if low == high else f"between {low} and {high}"
    return (
        f"{said_so} In {of_runs(unmatched.size, course)} it could not be matched: they begin"
        f" {begin} instead of {stated:g}."
    )


def taken_sentences(course: Course) -> tuple[str, ...]:
    """What the case did not say or the model cannot hold, and what stands in for it."""
    source = course.schedule.source
    done = [f"What is done follows {source}." if source else "Nothing is done in any arm."]
    if course.schedule.programmes:
        done.append(f"{100 * course.adherence:.0f} % of the home programme is taken to be done.")
    held = course.preparation.muscles
    beyond = [site for site in course.schedule.sites if site not in held]
    if beyond:
        names = "; ".join(lower_first(atlas().label(site)) for site in beyond)
        done.append(f"Treated, but with no part in the simulation: {names}.")
    if course.draws > 1:
        done.append(
            "Runs differ because the true values are not known. Chosen first were those in which"
            " this pain could have come about. Runs that still miss it on the first day are kept."
        )
    left_out = (upper_first(words) for words in course.schedule.left_out)
    planned = schedule_words(course.schedule)
    return (*course.taken_instead, *done[:1], *planned, *done[1:], *left_out)


def arms_sentence(course: Course) -> str:
    """The arms in one sentence each, for someone who reads no figure."""
    roots = listed(root_name(root) for root in course.preparation.roots)
    whose = conclusion_sentence(course)
    if not needled_weeks(course):
        two = f"One case with {roots}, treated and untreated; without needles sham is the same."
        return two + whose
    return (
        f"One case with {roots}, three ways: treated; sham (the same visits, skin touched and"
        f" not pierced, the same home programme); untreated.{whose}"
    )


def conclusion_sentence(course: Course) -> str:
    """Whose roots these are where a practitioner concluded them, and what fits best; or empty."""
    concluded, fitted = course.preparation.concluded, course.preparation.fitted
    if not concluded:
        return ""
    return (
        f" The practitioner concluded {names_words(concluded)}. {beside_words(concluded, fitted)}"
    )


def outcome_sentence(case: Case, course: Course) -> str:
    """What is known of pain after the first visit, said beside the model's weeks."""
    after = sorted(
        ((item.week, item.value) for item in case.outcomes if item.measure == "nprs"),
    )
    if not after:
        return "The source gives no pain score after the first visit, so none stands here."
    values = listed(f"{value:g} in week {week:g}" for week, value in after)
    late = any(week > last_week(course) for week, _ in after)
    cut = " Weeks after the end of the simulation are not drawn." if late else ""
    return f"Pain in the source: {values}. One person cannot confirm or refute a model.{cut}"


# Beside what trials found


@dataclass(frozen=True, slots=True)
class Published:
    """What one trial or pool found for pain against sham, on a scale of 10.

    `difference` is needling minus its comparator, below 0 in favour of needling; None where no
    number was read. The words beside it are the evidence row's own.
    """

    evidence_id: str
    name: str
    region: str
    result: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def row(self) -> EvidenceRow:
        """The evidence row that it comes from."""
        return next(row for row in evidence() if row.evidence_id == self.evidence_id)


PUBLISHED: Final = (
    Published(
        "pool_neck",
        "28 neck pain trials, pooled",
        "neck",
        "-2.31 (-3.64 to -0.99), short term",
        -2.31,
        -3.64,
        -0.99,
    ),
    Published(
        "sterling2015",
        "Sterling 2015, whiplash",
        "neck",
        "0.0 at 6 weeks: 3.2 and 3.2. No difference",
        0.0,
    ),
    Published(
        "almushahhim2022",
        "Almushahhim 2022, neck pain",
        "neck",
        "No difference at 2 weeks; no number read",
    ),
    Published(
        "gallego2022",
        "Gallego-Sendarrubias 2022, neck pain",
        "neck",
        "Less pain at 1 and 7 days; no number read",
    ),
    Published(
        "who_lbp",
        "37 low back pain trials, pooled",
        "low back",
        "Little; no number read",
    ),
    Published(
        "cotchett2014",
        "Cotchett 2014, plantar heel",
        "foot",
        "-1.44 (-2.35 to -0.52) at 6 weeks, first step",
        -1.44,
        -2.35,
        -0.52,
    ),
    Published(
        "sanchez2020",
        "Sánchez-Romero 2020, knee",
        "knee",
        "0.32 (-1.12 to 1.18, as printed) after a year. No difference",
        0.32,
        -1.12,
        1.18,
    ),
    Published(
        "pool_body",
        "13 trials of all parts, pooled",
        "all",
        "Less pain up to 12 weeks, no difference at 6 to 12 months; no number read",
    ),
)


def trial_lines() -> tuple[str, ...]:
    """Each trial or pool in one line, those that found no difference among them."""
    return tuple(f"{trial.name}: {lower_first(trial.result)}" for trial in PUBLISHED)


def trials_sentence(course: Course) -> str:
    """What trials found, for the part of the body that the first root belongs to."""
    segment = course.preparation.roots[0].segment
    region = "neck" if segment[0] == "C" else "low back" if segment[0] in "LS" else ""
    return _TRIALS[region]()


def _published(evidence_id: str) -> Published:
    return next(trial for trial in PUBLISHED if trial.evidence_id == evidence_id)


def _neck_sentence() -> str:
    pool = _published("pool_neck")
    less, low, high = (abs(value or 0.0) for value in (pool.difference, pool.high, pool.low))
    return (
        f"Neck pain trials, pooled: {less:.2f} points of 10 less pain in the short term"
        f" ({low:.2f} to {high:.2f}), {pool.row.certainty} certainty, some against nothing;"
        " several careful trials found no difference (listed below)."
    )


def _back_sentence() -> str:
    return (
        "Low back pain trials, pooled: little less pain than sham, no number of points read,"
        f" {_published('who_lbp').row.certainty} certainty; several careful trials of other parts"
        " found no difference (listed below)."
    )


def _body_sentence() -> str:
    return (
        "Trials of all parts of the body, pooled: less pain than sham for up to 12 weeks, no number"
        " of points read, and no difference at 6 to 12 months,"
        f" {_published('pool_body').row.certainty} certainty; several careful trials found no"
        " difference (listed below)."
    )


_TRIALS: Final[Mapping[str, Callable[[], str]]] = {
    "neck": _neck_sentence,
    "low back": _back_sentence,
    "": _body_sentence,
}


# Rivals


def with_rivals(course: Course, rivals: Mapping[str, Course] | None) -> dict[str, Course]:
    """The course first, then its rivals, each once."""
    others = rivals or {}
    return {course.rival: course, **{k: v for k, v in others.items() if k != course.rival}}


def difference_words(course: Course) -> str:
    """Treated minus sham at the end: the central run, and where nine tenths of the runs lie."""
    gaps = difference(course, last_week(course))
    if np.abs(gaps).max() < _NOTHING:
        return "0.0 in every run" if course.draws > 1 else "0.0"
    central = said(float(gaps[0]), 1)
    if course.draws == 1:
        return central
    low, high = (said(float(end), 1) for end in np.quantile(gaps, [0.05, 0.95]))
    ends = low if low == high else f"{low} to {high}"
    return f"{ends} in nine tenths of runs; central run {central}"


def rival_sentence(name: str, course: Course) -> str:
    """What an explanation claims, and what it makes of treated against sham."""
    alike = np.abs(difference(course, last_week(course))).max() < _NOTHING
    if alike and RIVALS[name].cuts == frozenset(CUTS):
        return f"{RIVALS[name].claim} Both arms get the same, so they end alike."
    return RIVALS[name].claim


def rivals_sentence(courses: Mapping[str, Course]) -> str:
    """Whether explanations can be told apart by pain against sham; empty without ranges."""
    if len(courses) < 2 or any(course.draws == 1 for course in courses.values()):
        return ""
    ranges = []
    for course in courses.values():
        gaps = difference(course, last_week(course))
        ranges.append(np.quantile(gaps, [0.05, 0.95]))
    low, high = max(r[0] for r in ranges), min(r[1] for r in ranges)
    same = "overlap" if low <= high + _ALIKE else "do not all overlap"
    means = "cannot tell them" if same == "overlap" else "can tell some of them"
    return (
        f"The ranges of these {len(courses)} explanations {same}: pain against sham alone"
        f" {means} apart on this case."
    )


# A table of weeks


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One quantity of one arm: the central run at each week, and the spread at the end."""

    quantity: str
    arm: str
    values: tuple[str, ...]
    spread: str


def week_rows(course: Course, quantity: str, column: int) -> Iterator[WeekRow]:
    """One quantity as rows of a table, an arm each."""
    decimals = NAMES[quantity].decimals
    found = [readings(course, quantity, week)[:, :, column] for week in weeks_of(course)]
    for place, arm in enumerate(ARMS):
        values = tuple(said(float(reading[0, place]), decimals) for reading in found)
        spread = span(found[-1][:, place], decimals) if course.draws > 1 else ""
        yield WeekRow(quantity, arm, values, spread)


def quantities_of(thing: str) -> tuple[str, ...]:
    """The quantities of a muscle, a root or the person that tables show.

    Soreness has passed by the next visit, so that a table of weeks would hold zeros only.
    """
    of_thing = (quantity.name for quantity in QUANTITIES if quantity.of == thing)
    return tuple(name for name in of_thing if name != "soreness")
