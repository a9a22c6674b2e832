"""The course at a terminal, and as plain values for other programs.

The same readings and sentences as the report's section: weeks by arms for pain and the muscle that
is most affected, what the runs say, what was taken instead, and what all of it is not.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from myotome.report import course_words as words
from myotome.simulation import ARMS, QUANTITIES, Course
from myotome.simulation.dataset import ILLUSTRATION, parameters_digest
from myotome.simulation.paths import PathShares

_OF_A_MUSCLE: Final = ("tone", "length", "range", "pressure_pain_threshold")
_COMPARED: Final = ("pain", "tone")
_LOW, _HIGH = 0.05, 0.95


def print_course(course: Course, console: Console | None = None) -> None:
    """Print pain and the main muscle week by week, and what the numbers say."""
    out = console or Console(highlight=False)
    out.print(ILLUSTRATION, style="bold")
    out.print(words.arms_sentence(course))
    _print_tables(course, out, "Person", ("pain",), 0)
    for sentence in (*words.pain_sentences(course), *words.beside_sentences(course)):
        out.print(sentence)
    out.print("Trials, needling minus sham, pain of 10:")
    for line in words.trial_lines():
        out.print(f"  {line}.")
    for muscle in words.chosen_muscles(course)[:1]:
        _print_tables(course, out, words.muscle_title(course, muscle), _OF_A_MUSCLE, muscle)
        sentence = words.muscle_sentence(course, muscle)
        if sentence:
            out.print(sentence)
    for sentence in words.taken_sentences(course):
        out.print(sentence)
    out.print(words.IF_RIGHT, style="bold")


def course_json(course: Course) -> dict[str, Any]:
    """The course at the weeks of the tables, ready for JSON; keys are part of the interface.

    Each quantity of each arm has, for every week, the value of the central run, and the median and
    5 and 95 % of the runs; lists go by column: muscles, roots, or one person.
    """
    weeks = words.weeks_of(course)
    return {
        "what": ILLUSTRATION,
        "weeks": list(weeks),
        "draws": course.draws,
        "seed": course.seed,
        "rival": course.rival,
        "fidelity": course.fidelity,
        "adherence": course.adherence,
        "parameters": parameters_digest(),
        "roots": [str(root) for root in course.preparation.roots],
        **_conclusion(course),
        "muscles": [str(site) for site in course.preparation.muscles],
        "muscle_names": list(course.preparation.labels),
        "needled_weeks": list(words.needled_weeks(course)),
        "arms": {
            arm: {quantity.name: _values(course, arm, quantity.name) for quantity in QUANTITIES}
            for arm in ARMS
        },
        "units": {quantity.name: quantity.unit for quantity in QUANTITIES},
        "columns": {quantity.name: quantity.of for quantity in QUANTITIES},
        "trials": list(words.trial_lines()),
        "captions": [*words.pain_sentences(course), *words.beside_sentences(course)],
        "taken_instead": list(words.taken_sentences(course)),
    }


def _conclusion(course: Course) -> dict[str, list[str]]:
    """What was concluded and what fits, where the roots were given."""
    held = course.preparation
    if not held.concluded:
        return {}
    return {
        "concluded": [str(root) for root in held.concluded],
        "fitted": [str(root) for root in held.fitted],
    }


def fidelity_difference(spiking: Course, by_rate: Course) -> dict[str, dict[str, dict[str, float]]]:
    """Pain and tone at the last week, by quantity and arm: read from moments, and in closed form.

    Of the central run; tone is that of the muscle with most of it.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for quantity in _COMPARED:
        found[quantity] = {
            arm: {
                "spiking": float(spiking.arm(arm, quantity)[0, -1].max()),
                "rate": float(by_rate.arm(arm, quantity)[0, -1].max()),
            }
            for arm in ARMS
        }
    return found


def print_fidelity(spiking: Course, by_rate: Course, console: Console | None = None) -> None:
    """Say what spiking pools change, in a small table."""
    out = console or Console(highlight=False)
    table = Table(
        title="At the end, spiking pools beside the closed form",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("", *ARMS):
        table.add_column(name, no_wrap=True)
    for quantity, arms in fidelity_difference(spiking, by_rate).items():
        naming = words.NAMES[quantity]
        cells = [f"{arms[arm]['spiking']:.2f} | {arms[arm]['rate']:.2f}" for arm in ARMS]
        table.add_row(f"{naming.title.lower()}, {naming.unit}", *cells)
    out.print(table)
    out.print("First the spiking pools, then the closed form; the rest of the model is the same.")


def _values(course: Course, arm: str, quantity: str) -> dict[str, list[list[float]]]:
    """Weeks by columns."""
    place = ARMS.index(arm)
    found = np.stack(
        [words.readings(course, quantity, week)[:, place] for week in words.weeks_of(course)]
    )
    low, middle, high = np.quantile(found, [_LOW, 0.5, _HIGH], axis=1)
    named = {"central": found[:, 0], "median": middle, "low": low, "high": high}
    return {
        name: [[float(f"{value:.6g}") for value in week] for week in values]
        for name, values in named.items()
    }


def _print_tables(
    course: Course, out: Console, title: str, quantities: tuple[str, ...], column: int
) -> None:
    """One table a quantity, narrow enough for a terminal of eighty columns."""
    weeks = words.weeks_of(course)
    for quantity in quantities:
        naming = words.NAMES[quantity]
        table = Table(
            title=f"{title}: {naming.title.lower()}, {naming.unit}",
            title_justify="left",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
        )
        table.add_column("week", no_wrap=True)
        for week in weeks:
            table.add_column(f"{week:g}", justify="right", no_wrap=True)
        if course.draws > 1:
            table.add_column("90 % of runs", justify="right", no_wrap=True)
        for row in words.week_rows(course, quantity, column):
            last = (row.spread,) if course.draws > 1 else ()
            table.add_row(row.arm, *row.values, *last)
        out.print(table)


def print_paths(shares: PathShares, console: Console | None = None) -> None:
    """Print what each path from the needle's discharge contributes at the end."""
    out = console or Console(highlight=False)
    out.print(f"Treated less sham at the end, {shares.quantity}: {shares.effect:+.2f}.")
    table = Table(title="With one path cut", title_justify="left")
    for heading in ("path", "effect left", "its share"):
        table.add_column(heading)
    for item in shares.shares:
        share = "hardly any effect to share" if item.share is None else f"{100 * item.share:.0f} %"
        table.add_row(item.path, f"{item.effect_without:+.2f}", share)
    out.print(table)
    out.print(f"With all four cut: {shares.without_any:+.2f}. Shares need not add up to 100.")
