"""Checks of the whole chain: needle, sham and nothing in virtual people, beside trials.

Every number is read from a course by the protocol of the trial: where, how often, with what else.
Null trials stand beside the others. An arm is a cohort of unlike people, compared by its mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from myotome.physiology import joint, musculotendon
from myotome.physiology.natural_course import Cohort, Year
from myotome.simulation import Event, Schedule
from myotome.validation import courses
from myotome.validation.courses import FAR, JUST_AFTER, NEAR, PARASPINAL, Run, weekly
from myotome.validation.model import Check, Model

_WEEK: Final = 7.0
_MONTH: Final = 30.4
# Trials call the first three days immediate, and up to twelve weeks short-term.
_IMMEDIATE: Final = (JUST_AFTER, 3.0)
_SHORT_TERM: Final = (7.0, 84.0)
_SPREAD_OF_PAIN: Final = 2.3  # NPRS, standard deviation at follow-up in needling trials
_NEARLY_NOTHING: Final = 0.1  # NPRS
_NOTICED_RANGE: Final = 2.0  # degrees
_GA_DAYS: Final = (0.0, 7.0, 14.0)
_BYEON_DAYS: Final = (0.0, 2.0, 4.0, 7.0, 9.0, 11.0)
_COUTO_DAYS: Final = (0.0, 3.0, 7.0, 10.0, 14.0, 17.0, 21.0, 24.0)
_LIM_PAIN: Final = 8.3
_PAIN_AT_ENTRY: Final[dict[tuple[Year, Cohort], float]] = {
    (2012, "acute"): 5.2,
    (2012, "persistent"): 5.1,
    (2024, "acute"): 5.6,
    (2024, "persistent"): 5.6,
}
_ACUTE_WEEKS: Final = 3.0


def _neck(model: Model, sessions: int = 4) -> Run:
    """Weekly needling of a neck, and of the same neck's sham and untreated arms."""
    return courses.course(model, "neck", Schedule(courses.needling("neck", weekly(sessions))), 12.0)


def _exercised(model: Model, place: str, sessions: int) -> Run:
    """Weekly needling, or its sham, with six weeks of exercise, followed for a year."""
    schedule = Schedule(courses.needling(place, weekly(sessions)), courses.exercise(42.0))
    return courses.course(model, place, schedule, 52.0)


def _gap(run: Run, quantity: str, day: float, column: int = 0) -> float:
    """Treated less sham on a day."""
    return courses.at(run, "treated", quantity, day, column) - courses.at(
        run, "sham", quantity, day, column
    )


def _mean_gap(
    run: Run,
    quantity: str,
    window: tuple[float, float],
    column: int = 0,
    beside: str = "sham",
) -> float:
    return courses.mean(run, "treated", quantity, *window, column) - courses.mean(
        run, beside, quantity, *window, column
    )


# --- no needle


def _untreated(model: Model, week: float, cohort: Cohort, year: Year) -> float:
    """Pain (of 100) some weeks after the first visit of people who are left alone."""
    run = courses.course(
        model,
        "back",
        Schedule(),
        52.0,
        pain=_PAIN_AT_ENTRY[year, cohort],
        duration=courses.USUAL_WEEKS if cohort == "persistent" else _ACUTE_WEEKS,
        cohort=cohort,
        year=year,
    )
    return 10.0 * courses.at(run, "untreated", "pain", week * _WEEK)


def _sham(model: Model) -> float:
    """Sham less nothing (of 100), mean over the weeks of treatment."""
    run = _neck(model)
    return 10.0 * (
        courses.mean(run, "sham", "pain", JUST_AFTER, 28.0)
        - courses.mean(run, "untreated", "pain", JUST_AFTER, 28.0)
    )


def _context_share(model: Model) -> float:
    """Share (%) of the treated arm's fall that the sham arm has too, at four weeks."""
    run = _neck(model)
    start = courses.at(run, "untreated", "pain", 0.0)
    fallen = [start - courses.at(run, arm, "pain", 28.0) for arm in ("sham", "treated")]
    return 100.0 * fallen[0] / fallen[1]


# --- needle and sham


def _neck_pressure(model: Model) -> float:
    return _mean_gap(_neck(model), "pressure_pain_threshold", _SHORT_TERM, NEAR)


def _manual(model: Model) -> float:
    """Needling less mobilisation, both weekly, short term."""
    events = tuple(Event(day, "mobilisation") for day in weekly(4))
    moved = courses.course(model, "neck", Schedule(events), 12.0)
    return courses.mean(_neck(model), "treated", "pain", *_SHORT_TERM) - courses.mean(
        moved, "treated", "pain", *_SHORT_TERM
    )


def _twitch(model: Model, window: tuple[float, float]) -> float:
    """Needling that sets off cramps less the same needling that does not."""
    with_cramp = _neck(model, sessions=1)
    without = _neck(courses.without_cramp(model), sessions=1)
    return courses.mean(with_cramp, "treated", "pain", *window) - courses.mean(
        without, "treated", "pain", *window
    )


def _stiffness(model: Model, day: float) -> float:
    """Change (%) of a muscle's force at one length, untouched joint, after one needling."""
    run = _neck(model, sessions=1)
    shape, held = model.mechanism.curves, joint.Pull()

    def force(when: float, arm: str) -> float:
        found = musculotendon.equilibrium(
            shape,
            held.neutral_length,
            courses.at(run, arm, "tone", when, NEAR) / 100.0,
            held.tendon_slack_length,
            serial_sarcomeres=courses.at(run, arm, "length", when, NEAR) / 100.0,
        )
        return float(found.tendon_force)

    return 100.0 * (force(day, "treated") / force(0.0, "untreated") - 1.0)


def _pressure_over_sham(model: Model) -> float:
    """Pressure threshold (%) over sham, three days after one needling."""
    run = _neck(model, sessions=1)
    sham = courses.at(run, "sham", "pressure_pain_threshold", 3.0, NEAR)
    return 100.0 * _gap(run, "pressure_pain_threshold", 3.0, NEAR) / sham


def _pressure_in_an_hour(model: Model) -> float:
    """Change (%) of the pressure threshold an hour after one needling, over sham."""
    run = _neck(model, sessions=1)
    start = courses.at(run, "untreated", "pressure_pain_threshold", 0.0, NEAR)
    return 100.0 * _gap(run, "pressure_pain_threshold", courses.HOUR, NEAR) / start


def _gallego(model: Model) -> float:
    run = _neck(model, sessions=1)
    return float(all(_gap(run, "pain", day) < -_NEARLY_NOTHING for day in (1.0, 7.0)))


def _couto(model: Model) -> float:
    """Whether pain is lower and pressure threshold higher than with sham, after 8 visits."""
    run = courses.course(model, "neck", Schedule(courses.needling("neck", _COUTO_DAYS)), 6.0)
    less = _gap(run, "pain", 28.0) < -_NEARLY_NOTHING
    return float(less and _gap(run, "pressure_pain_threshold", 28.0, NEAR) > 0.0)


def _cotchett(model: Model) -> float:
    run = courses.course(model, "heel", Schedule(courses.needling("heel", weekly(6))), 12.0)
    return _gap(run, "pain", 42.0)


def _back(model: Model, day: float) -> float:
    """Needling less nothing, low back."""
    run = courses.course(model, "back", Schedule(courses.needling("back", weekly(8))), 52.0)
    return courses.at(run, "treated", "pain", day) - courses.at(run, "untreated", "pain", day)


def _fades(model: Model) -> float:
    """Needling less sham nine months after eight weekly visits."""
    run = courses.course(model, "back", Schedule(courses.needling("back", weekly(8))), 52.0)
    return _gap(run, "pain", 9.0 * _MONTH)


def _lim(model: Model) -> float:
    """Change of severe, lasting pain over eight weekly visits, without a control."""
    schedule = Schedule(courses.needling("back", weekly(8)))
    run = courses.course(model, "back", schedule, 12.0, pain=_LIM_PAIN, duration=104.0)
    return courses.at(run, "treated", "pain", 56.0) - _LIM_PAIN


# --- exercise beside both


def _sterling(model: Model, week: float) -> float:
    return _gap(_exercised(model, "neck", 6), "pain", week * _WEEK)


def _sterling_within(model: Model, arm: str) -> float:
    run = _exercised(model, "neck", 6)
    return courses.at(run, arm, "pain", 42.0) - courses.at(run, "untreated", "pain", 0.0)


def _sterling_reading(model: Model, quantity: str, *, relative: bool) -> float:
    run = _exercised(model, "neck", 6)
    start = courses.at(run, "untreated", quantity, 0.0, NEAR)
    change = courses.at(run, "treated", quantity, 42.0, NEAR) - start
    return 100.0 * change / start if relative else change


def _knee(model: Model) -> float:
    return _gap(_exercised(model, "knee", 6), "pain", 364.0)


def _almushahhim(model: Model) -> float:
    schedule = Schedule(courses.needling("neck", (0.0,)), courses.exercise(14.0))
    run = courses.course(model, "neck", schedule, 4.0)
    alone = courses.course(model, "neck", Schedule(programmes=courses.exercise(14.0)), 4.0)
    return courses.at(run, "treated", "pain", 14.0) - courses.at(alone, "treated", "pain", 14.0)


# --- paraspinals


def _with_and_without(model: Model, days: tuple[float, ...]) -> tuple[Run, Run]:
    """The muscles with their paraspinal, and the muscles alone."""
    both, alone = (
        courses.course(
            model, "neck", Schedule(courses.needling("neck", days, paraspinal=also)), 12.0
        )
        for also in (True, False)
    )
    return both, alone


def _byeon(model: Model) -> float:
    both, alone = _with_and_without(model, _BYEON_DAYS)
    return courses.at(both, "treated", "pain", 14.0) - courses.at(alone, "treated", "pain", 14.0)


def _ga_pain(model: Model) -> float:
    both, alone = _with_and_without(model, _GA_DAYS)
    gap = courses.at(both, "treated", "pain", 28.0) - courses.at(alone, "treated", "pain", 28.0)
    return float(gap < -_NEARLY_NOTHING)


def _ga_range(model: Model) -> float:
    """Whether the range that the paraspinal stops is gained only where it is needled (1 yes)."""
    gains = [
        courses.at(run, "treated", "range", 28.0, PARASPINAL)
        - courses.at(run, "untreated", "range", 0.0, PARASPINAL)
        for run in _with_and_without(model, _GA_DAYS)
    ]
    return float(gains[0] > _NOTICED_RANGE > gains[1])


# --- adjuncts


def _exercise_alone(model: Model) -> float:
    run = courses.course(model, "back", Schedule(programmes=courses.exercise(84.0)), 12.0)
    gap = courses.at(run, "treated", "pain", 84.0) - courses.at(run, "untreated", "pain", 84.0)
    return gap / _SPREAD_OF_PAIN


def _current(model: Model) -> float:
    """Current through the skin less its placebo, while it is on, over the spread of pain."""
    given, placebo = (
        courses.course(model, "back", Schedule((Event(0.0, kind),)), 2.0)
        for kind in ("modality", "sham")
    )
    gap = courses.at(given, "treated", "pain", courses.AT_ONCE) - courses.at(
        placebo, "treated", "pain", courses.AT_ONCE
    )
    return gap / _SPREAD_OF_PAIN


def _mobilised(model: Model, months: float) -> float:
    """Mobilising less exercise, low back."""
    events = tuple(Event(day, "mobilisation") for day in weekly(6))
    moved = courses.course(model, "back", Schedule(events), 53.0)
    trained = courses.course(model, "back", Schedule(programmes=courses.exercise(42.0)), 53.0)
    day = months * _MONTH
    return courses.at(moved, "treated", "pain", day) - courses.at(trained, "treated", "pain", day)


CHECKS: Mapping[str, Check] = {
    **{
        f"untreated-persistent-{week}w": partial(
            _untreated, week=float(week), cohort="persistent", year=2024
        )
        for week in (6, 26, 52)
    },
    **{
        f"untreated-2012-{week}w": partial(
            _untreated, week=float(week), cohort="persistent", year=2012
        )
        for week in (6, 26, 52)
    },
    **{
        f"untreated-2012-acute-{week}w": partial(
            _untreated, week=float(week), cohort="acute", year=2012
        )
        for week in (6, 26, 52)
    },
    "untreated-acute-6w": partial(_untreated, week=6.0, cohort="acute", year=2024),
    "sham-over-nothing": _sham,
    "context-share": _context_share,
    "neck-immediate": lambda model: _mean_gap(_neck(model), "pain", _IMMEDIATE),
    "neck-short-term": lambda model: _mean_gap(_neck(model), "pain", _SHORT_TERM),
    "neck-pressure": _neck_pressure,
    "neck-range": lambda model: _gap(_neck(model), "range", 28.0, FAR),
    "neck-manual-therapy": _manual,
    "twitch-immediate": partial(_twitch, window=_IMMEDIATE),
    "twitch-later": partial(_twitch, window=(7.0, 28.0)),
    "stiffness-10min": partial(_stiffness, day=JUST_AFTER),
    "stiffness-24h": partial(_stiffness, day=1.0),
    "stiffness-72h": partial(_stiffness, day=3.0),
    "pressure-1h": _pressure_in_an_hour,
    "pressure-72h": _pressure_over_sham,
    "gallego": _gallego,
    "couto": _couto,
    "cotchett": _cotchett,
    "back-2w": partial(_back, day=14.0),
    "back-3m": partial(_back, day=84.0),
    "fades": _fades,
    "lim": _lim,
    **{f"sterling-{week}w": partial(_sterling, week=float(week)) for week in (6, 12, 52)},
    "sterling-needled": partial(_sterling_within, arm="treated"),
    "sterling-sham": partial(_sterling_within, arm="sham"),
    "sterling-pressure": partial(
        _sterling_reading, quantity="pressure_pain_threshold", relative=True
    ),
    "sterling-rotation": partial(_sterling_reading, quantity="range", relative=False),
    "sanchez-romero": _knee,
    "almushahhim": _almushahhim,
    "byeon": _byeon,
    "ga-pain": _ga_pain,
    "ga-range": _ga_range,
    "exercise-pain": _exercise_alone,
    "current-right-after": _current,
    **{f"mobilisation-{m}m": partial(_mobilised, months=float(m)) for m in (1, 6, 12)},
}
