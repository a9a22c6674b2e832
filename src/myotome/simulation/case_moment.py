"""Case moment: nerves and muscles of one person as they stand at the first visit, for a moment.

    case -> what its findings fit -> roots and muscles -> their antagonists -> joints
         -> the weeks of its history -> the slow state that a moment holds still

What to do to that person `myotome.simulation.moment.run` is told; `needled` does one thing, a
needle, beside the same nerves and muscles in health. A moment writes to no slow state; it
illustrates a hypothesis and is no forecast for a person.

Source: none; every number comes with what is put together here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import Root, Site, atlas
from myotome.case import Case
from myotome.errors import InputError, UnknownName
from myotome.examination import Assessment, examine
from myotome.physiology import drive, threshold
from myotome.physiology.needle import Insertion
from myotome.simulation.course import CourseRun
from myotome.simulation.drivers import resting
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.moment import frozen as slow_states
from myotome.simulation.moment.architecture import arm_of, main_movement, opposite_of
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.periphery import Needling
from myotome.simulation.moment.preparation import UNITS, MomentPreparation, of_course
from myotome.simulation.moment.protocols.bedside import together
from myotome.simulation.moment.ranges import checked_whole
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.run import run
from myotome.simulation.onset import beginning
from myotome.simulation.preparation import Preparation, prepare
from myotome.simulation.reach import REACH
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import Schedule, schedule_of
from myotome.simulation.state import CONDUCTING, SILENT
from myotome.treatment import plan, screen

Array = NDArray[np.float64]

_RIVAL: Final = "segmental_root"
_REST_S: Final = 2.0  # over which rest and end are read
STROKES: Final = Insertion(
    depth_mm=20.0, pecks=8, start_ms=4000.0, peck_interval_ms=250.0,
    current_ma=2.0, pulse_width_ms=0.2, frequency_hz=20.0, duration_s=2.0,
)  # fmt: skip


class CaseMoment(NamedTuple):
    """One person, ready for a moment.

    Attributes:
        preparation: Roots, muscles and joints.
        frozen: Their slow state at the first visit.
        muscles: The same muscles as places of the body, in the same order.
        treated: Indices of the muscles that the case or its plan treats.
        said: What was taken where neither case nor atlas says it, in words.
    """

    preparation: MomentPreparation
    frozen: Frozen
    muscles: tuple[Site, ...]
    treated: tuple[int, ...]
    said: tuple[str, ...]

    def healthy(self) -> Frozen:
        """The slow state of the same nerves and muscles in health."""
        p = self.preparation
        return slow_states.healthy(p.people, len(p.muscles), len(p.roots))


def case_moment(
    case: Case,
    *,
    assessment: Assessment | None = None,
    units: int = UNITS,
    antagonists: bool = True,
) -> CaseMoment:
    """The person of a case at the first visit.

    Args:
        case: The case.
        assessment: Made from the case when left out.
        units: Motor units of each muscle.
        antagonists: Whether joints get a muscle on their other side, where the case has none there.

    Raises:
        InputError: A treatment has a dose that cannot be, or there are too many or few units.
    """
    found = assessment or examine(case.examination())
    schedule = schedule_of(case, plan(found, screen(case.screen)), 12.0)
    course = prepare(found, schedule.sites)
    said = list(course.taken_instead)
    if antagonists:
        added, without = _antagonists(course)
        course = _with_muscles(course, added)
        said += [f"The atlas names no muscle that pulls against {name}." for name in without]
    start = beginning(case.history.pain_nprs, case.history.duration_weeks)
    history = CourseRun(Mechanism(), course, Schedule(), RIVALS[_RIVAL], frozenset())
    history.begin(start, 1)
    treated = tuple(
        index for index, site in enumerate(course.muscles) if site in set(schedule.sites)
    )
    return CaseMoment(
        of_course(course, units=units),
        _frozen(history),
        course.muscles,
        treated,
        (*said, *start.taken_instead, *_assumed_arms(course.muscles)),
    )


class Needled(NamedTuple):
    """A needle in one muscle, in health and in this person.

    Attributes:
        who: Whose nerves and muscles.
        muscle: Index of the needled one.
        run: All that was recorded; person 0 is in health, 1 is this one.
        spans: Seconds of rest, needle and end, from and to.
        discharge: Mean of each pool's units in each span (Hz), shape (spans, 2, muscles).
        force: Mean tendon force, over the maximum isometric force, likewise.
        foramen: Mean height in each span (mm), shape (spans, 2, roots).
    """

    who: CaseMoment
    muscle: int
    run: MomentRun
    spans: tuple[tuple[float, float], ...]
    discharge: Array
    force: Array
    foramen: Array


def needled(
    who: CaseMoment,
    muscle: int | None = None,
    *,
    insertion: Insertion = STROKES,
    seconds: float = 20.0,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Needled:
    """The same needle in the same muscle, in health and in this person, every joint free.

    Args:
        who: The person.
        muscle: Which; the first that the case treats in a limb, or the first there is, when left
            out.
        insertion: What the needle does, not before the third second.
        seconds: How long all is watched, at least four more than the needle takes.
        seed: Of the noise.
        threads: Over both.
        progress: Called with the share done.

    Raises:
        InputError: There is no such muscle, or the needle leaves no time before or after it.
    """
    p = who.preparation
    chosen = _needled_muscle(who) if muscle is None else muscle
    checked_whole("muscle", chosen, 0, len(p.muscles) - 1)
    begins = insertion.start_ms / 1000.0
    strokes = (insertion.pecks - 1) * insertion.peck_interval_ms / 1000.0
    ends = begins + max(strokes, insertion.duration_s if insertion.current_ma > 0.0 else 0.0)
    if begins < _REST_S + 1.0:
        raise InputError(
            f"start_ms of the insertion must be {1000.0 * (_REST_S + 1.0):g} or more, so that rest"
            f" is seen before it, got {insertion.start_ms:g}.",
            place="start_ms",
        )
    if not seconds >= ends + _REST_S + 2.0:
        raise InputError(
            f"seconds must be {ends + _REST_S + 2.0:g} or more, so that {_REST_S + 2.0:g} are left"
            f" after the needle, got {seconds:g}.",
            place="seconds",
        )
    done = run(
        p.of_people(2), [Needling(insertion, muscle=chosen)], seconds=seconds,
        frozen=together([who.healthy(), who.frozen]), seed=seed, threads=threads,
        record=("discharge_rate", "tendon_force", "foramen", "angle", "emg"), progress=progress,
    )  # fmt: skip
    spans = ((begins - _REST_S, begins), (begins, ends), (seconds - _REST_S, seconds))

    def means(channel: str) -> Array:
        whole = done[channel]
        return np.stack([
            whole[round(1000.0 * first) : round(1000.0 * last)].mean(axis=0)
            for first, last in spans
        ])  # fmt: skip

    return Needled(
        who, chosen, done, spans, means("discharge_rate"), means("tendon_force"), means("foramen")
    )


def muscle_named(who: CaseMoment, name: str) -> int:
    """Index of a muscle by its name in the atlas, the first of them in the person's order.

    Raises:
        UnknownName: This person's moment holds no such muscle.
    """
    known = [site.name for site in who.muscles]
    if name not in known:
        held = ", ".join(dict.fromkeys(known))
        raise UnknownName(
            "muscle in the moment of this case", name, known, hint=f"It holds {held}."
        )
    return known.index(name)


def _needled_muscle(who: CaseMoment) -> int:
    limbs = [i for i, site in enumerate(who.muscles) if site.kind != "paraspinal"]
    return next((i for i in who.treated if i in limbs), limbs[0] if limbs else 0)


def _antagonists(course: Preparation) -> tuple[list[Site], list[str]]:
    """One muscle against each movement that nothing of the course undoes; and what has none."""
    present = {(site.side, main_movement(site.name)) for site in course.muscles}
    added, without = [], []
    for site in course.muscles:
        against = opposite_of(main_movement(site.name))
        if site.kind == "paraspinal" or (site.side, against) in present:
            continue
        other = _against(site, against)
        if other is None:
            without.append(atlas().label(site))
        else:
            added.append(other)
            present.add((site.side, against))
    return added, without


def _against(site: Site, movement: str) -> Site | None:
    """The first antagonist that the atlas names for a muscle whose first movement undoes its."""
    if not movement:
        return None
    for name in atlas().muscle(site.name).antagonist_muscle_ids:
        if main_movement(name) == movement and not atlas().levels_of(name):
            return atlas().site(name, site.side)
    return None


def _with_muscles(course: Preparation, added: Sequence[Site]) -> Preparation:
    """A preparation with muscles added; none of them squeezes a root."""
    if not added:
        return course
    reach = np.array([[_reach(site, root) for site in added] for root in course.roots])
    return replace(
        course,
        muscles=(*course.muscles, *added),
        reach=np.concatenate([course.reach, reach], axis=1),
        squeezes=np.concatenate([course.squeezes, np.zeros_like(reach)], axis=1),
    )


def _reach(site: Site, root: Root) -> float:
    supplies = {supply.root: supply.weight for supply in atlas().roots_of_site(site)}
    return REACH.get(supplies.get(root, ""), 0.0)


def _frozen(course: CourseRun) -> Frozen:
    """The slow state that a course has come to, as a moment holds it."""
    state = course.state
    now = course.drivers(state, resting(course.preparation, course.runs))
    rise = threshold.relative_rise(state.threshold)
    density = np.asarray(state.receptors.density)
    found = {
        "silent_receptors": density[SILENT],
        "conducting_receptors": density[CONDUCTING],
        "silent_share": now.silent_share,
        "threshold_scale": drive.threshold(rise, state.homeostasis),
        "serial_sarcomeres": state.sarcomeres,
        "contracture": state.contracture,
        "strength": state.strength.section,
        "nociceptor_rate": now.root.nociceptors,
        "touch_rate": now.root.touch,
        "sensitisation": state.sensitisation,
    }
    size = {"muscle": len(course.preparation.muscles), "root": len(course.preparation.roots)}
    # Every arm stands the same until the first visit.
    return Frozen(
        **{
            name: np.clip(
                np.broadcast_to(np.asarray(values), (course.runs, size[belongs]))[:1], low, high
            )
            for (name, (belongs, _, low, high, _)), values in zip(
                slow_states.RANGES.items(),
                (found[name] for name in slow_states.RANGES),
                strict=True,
            )
        }
    )


def _assumed_arms(muscles: Sequence[Site]) -> tuple[str, ...]:
    """Which moment arms no source was found for."""
    arms = {
        atlas().label(site): arm_of(main_movement(site.name))
        for site in muscles
        if site.kind != "paraspinal"
    }
    assumed = [
        f"{name} ({1000 * arm.length:g} mm, {1000 * arm.low:g} to {1000 * arm.high:g})"
        for name, arm in arms.items()
        if arm.tag == "D"
    ]
    return (f"These moment arms are assumed: {'; '.join(assumed)}.",) if assumed else ()
