"""Simulate: from a case to its course, with what the case did not say filled in and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from myotome.atlas import Root
from myotome.case import Case
from myotome.errors import InputError, UnknownName
from myotome.examination import Assessment, examine
from myotome.simulation.course import Course, run_course
from myotome.simulation.drivers import FIDELITIES
from myotome.simulation.mechanism import CUTS, Cut
from myotome.simulation.onset import beginning
from myotome.simulation.preparation import prepare
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import schedule_of
from myotome.treatment import Plan, plan, screen

BAND_DRAWS = 64
_LONGEST_WEEKS = 104.0


def simulate(
    case: Case,
    *,
    assessment: Assessment | None = None,
    proposal: Plan | None = None,
    weeks: float = 12.0,
    rival: str = "segmental_root",
    cuts: frozenset[Cut] = frozenset(),
    fidelity: str = "rate",
    draws: int = 1,
    seed: int = 1,
    adherence: float = 0.6,
    roots: Iterable[Root] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Course:
    """The course of one case, treated, sham and untreated.

    Args:
        case: The case.
        assessment: Made from the case when left out.
        proposal: Likewise; used where the case has no treatment that can be modelled.
        weeks: How long, above 0 to 104.
        rival: Which explanation.
        cuts: Paths that are cut.
        fidelity: ``rate`` has tone in closed form; ``spiking`` reads it from moments, which run
            on first use and are kept.
        draws: How many mechanisms drawn from the uncertain ranges, the central one first.
        seed: Of the draws.
        adherence: Share of the home programme that is done.
        roots: Those that a practitioner concluded: the course is of them, and a proposal made here
            is for them. Left out, those that fit.
        progress: Called with the share done.

    Raises:
        InputError: A number is out of its range, a dose cannot be, or no root was concluded.
        UnknownName: No such rival, path or fidelity.
    """
    if not 0.0 < weeks <= _LONGEST_WEEKS:
        raise InputError(f"weeks must lie above 0 and up to {_LONGEST_WEEKS:g}, got {weeks:g}.")
    if not 0.0 <= adherence <= 1.0:
        raise InputError(f"adherence must lie between 0 and 1, got {adherence:g}.")
    if not 1 <= draws <= 4096:
        raise InputError(f"draws must lie between 1 and 4096, got {draws}.")
    if seed < 0:
        raise InputError(f"seed must be 0 or a larger whole number, got {seed}.")
    if rival not in RIVALS:
        raise UnknownName("rival", rival, RIVALS, hint=f"They are {', '.join(RIVALS)}.")
    if fidelity not in FIDELITIES:
        raise UnknownName("fidelity", fidelity, FIDELITIES, hint="They are rate and spiking.")
    for cut in cuts:
        if cut not in CUTS:
            raise UnknownName("path to cut", cut, CUTS)
    tell = progress or (lambda _: None)
    before = 0.0
    if fidelity == "spiking":
        from myotome.simulation.tone_table import tone_table

        # Where moments have to run they take nearly all the time.
        before = 0.9
        tone_table(progress=lambda share: tell(before * share))
    found = assessment or examine(case.examination())
    named = None if roots is None else tuple(roots)
    proposed = proposal or plan(found, screen(case.screen), roots=named)
    schedule = schedule_of(case, proposed, weeks)
    return run_course(
        prepare(found, schedule.sites, named),
        schedule,
        beginning(case.history.pain_nprs, case.history.duration_weeks),
        weeks=weeks,
        draws=draws,
        seed=seed,
        adherence=adherence,
        rival=rival,
        cuts=cuts,
        fidelity="spiking" if fidelity == "spiking" else "rate",
        progress=lambda share: tell(before + (1.0 - before) * share),
    )
