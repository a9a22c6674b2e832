"""Calibration check: virtual patients examined, and how often what was said was true.

`python tools/check_calibration.py` draws patients from the model's own world, from worlds whose
numbers are drawn from their ranges, and from worlds that break an assumption on purpose. It
rewrites `docs/explanation/calibration.md` with its picture and its numbers as JSON. It checks
the code, not the examination.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from myotome.examination import posterior, versions
from myotome.examination.calibration import Calibration, Truth, calibration, simulated
from myotome.examination.probabilities import drawn_tables
from myotome.examination.virtual_patient import (
    DIFFERENT_WORLD,
    OWN_WORLD,
    World,
    standard_examination,
)

Array = NDArray[np.float64]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation"
PEOPLE = 10_000
SEED = 20260301
CHUNK = 250
IN_QUESTION = 0.02
FEW = f"{100 * IN_QUESTION:g} %"
SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Trial:
    """One kind of world to draw patients from, and what to call it."""

    name: str
    title: str
    says: str
    world: World = OWN_WORLD
    from_ranges: bool = False


TRIALS = (
    Trial("own", "Own world", "patients drawn from the central table, as the model assumes"),
    Trial(
        "ranges",
        "Numbers from their ranges",
        "each patient has numbers of their own, drawn from the ranges of the table; the"
        " inference keeps the central ones",
        from_ranges=True,
    ),
    Trial(
        "different",
        "Different world",
        "findings hang together through the examiner, and sites have a cause of their own twice"
        " as often",
        DIFFERENT_WORLD,
    ),
    Trial(
        "correlated",
        "Only the examiner's tendency",
        "the first half of the different world",
        World(correlated_findings=DIFFERENT_WORLD.correlated_findings),
    ),
    Trial(
        "leak",
        "Only doubled local causes",
        "the second half of the different world",
        World(leak_factor=DIFFERENT_WORLD.leak_factor),
    ),
)
COLOURS = {"own": "#0072b2", "ranges": "#e69f00", "different": "#d55e00"}


@dataclass(frozen=True)
class Outcome:
    """What one trial gave: over every pair of patient and root, and over those in question."""

    trial: Trial
    everywhere: Calibration
    in_question: Calibration
    prior: Calibration
    seconds: float


def examined(trial: int, start: int, stop: int, people: int, seed: int) -> tuple[Array, Truth]:
    """Some patients of one trial; the same whatever the number of workers."""
    chosen = TRIALS[trial]
    table = drawn_tables(people).chunk(start, stop) if chosen.from_ranges else None
    generator = np.random.default_rng([seed, trial, start])
    return simulated(stop - start, generator, truth_table=table, world=chosen.world)


def measure(
    pool: ProcessPoolExecutor, trial: int, people: int, seed: int, progress: Progress
) -> Outcome:
    """All patients of one trial."""
    began = time.perf_counter()
    task = progress.add_task(TRIALS[trial].title, total=people)
    jobs = {
        pool.submit(examined, trial, start, min(start + CHUNK, people), people, seed): start
        for start in range(0, people, CHUNK)
    }
    parts = {}
    for job in as_completed(jobs):
        parts[jobs[job]] = job.result()
        progress.advance(task, parts[jobs[job]][0].shape[0])
    ordered = [parts[start] for start in sorted(parts)]
    probabilities = np.concatenate([part[0] for part in ordered])
    truth = np.concatenate([part[1] for part in ordered])
    shown = probabilities >= IN_QUESTION
    before = np.broadcast_to(posterior([]), probabilities.shape)
    return Outcome(
        TRIALS[trial],
        calibration(probabilities, truth),
        calibration(probabilities[shown], truth[shown]),
        calibration(before, truth),
        time.perf_counter() - began,
    )


# Writing


def as_json(outcomes: Sequence[Outcome], people: int, seed: int) -> str:
    """Every number of the page."""
    found: dict[str, Any] = {
        "people": people,
        "seed": seed,
        "signs_looked_for": len(standard_examination()),
        "in_question_from": IN_QUESTION,
        "versions": versions(),
        "trials": {
            outcome.trial.name: {
                "all_roots": outcome.everywhere.to_dict(),
                "roots_in_question": outcome.in_question.to_dict(),
                "prior_alone": outcome.prior.to_dict(),
            }
            for outcome in outcomes
        },
    }
    return json.dumps(found, indent=2) + "\n"


def as_page(outcomes: Sequence[Outcome], people: int, seed: int) -> str:
    """The page of the documentation."""
    by_name = {outcome.trial.name: outcome for outcome in outcomes}
    own, ranges, different = (by_name[name] for name in ("own", "ranges", "different"))
    tables = "\n\n".join(
        f"### {outcome.trial.title}\n\n{bins_table(outcome.everywhere)}"
        for outcome in (own, ranges, different)
    )
    looks, tendency = len(standard_examination()), DIFFERENT_WORLD.correlated_findings
    loss = different.everywhere.log_loss - own.everywhere.log_loss
    version = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in versions().items())
    return f"""\
# Calibration of the examination

**This is a check of the code, not of the examination: no clinical accuracy is known.**

If the model says 30 % of many roots, about 30 % of them should be irritated. Whether that holds
for people, nobody has measured. What can be checked is whether it holds in a world that the
model itself describes: there it must, or the code is wrong. And one can ask what is lost in a
world that the model does not describe.

For each world, {people:,} virtual patients are drawn and given the same examination of {looks}
signs (neck, arm, low back, leg, reflexes, skin, neural tests, both sides), and the probability
of each of the 62 roots is compared with the hidden truth. The inference never sees which world
it is in; it always uses the central values of the table.

{worlds_list()}

In the different world an examiner has a tendency, drawn once for each examination, that moves
the log-odds of calling any palpation sign present (standard deviation {tendency:g}, assumed: one
unit of log-odds turns a sensitivity of 0.85 into 0.94 and a specificity of 0.85 into 0.68).

## What came out

The *expected calibration error* is the gap between what was said and what was true, averaged
over ten bins of equal width by how many probabilities fall in each (Naeini, Cooper and
Hauskrecht 2015). *By chance* is what perfect probabilities would be expected to show in a sample
of this size. Most of the 62 roots are nearly always improbable, and nearly always rightly so,
which flatters the first column: the second counts only the pairs of patient and root to which at
least {FEW} was given.

{summary_table(outcomes)}

Aimed at before measuring, over all roots:

- own world, under 0.03: {verdict(own, 0.03)};
- numbers from their ranges, under 0.08: {verdict(ranges, 0.08)};
- different world, no limit: the error rises by {rise(own.everywhere, different.everywhere)} over
  all roots and by {rise(own.in_question, different.in_question)} over those from {FEW}, the log
  loss by {loss:.4f}.

What the examination adds at best, in its own world, is the fall from the prior alone: log loss
from {own.prior.log_loss:.4f} to {own.everywhere.log_loss:.4f}, Brier score from
{own.prior.brier:.4f} to {own.everywhere.brier:.4f}.

![Share that was true against the probability said; on the line they agree](calibration.svg)

## Reliability, all roots

{tables}

## Read this with care

- A calibrated model of an invented world says nothing about people. Two of three numbers of the
  table are guesses.
- Calibration is not usefulness: saying the prior for everyone is calibrated too.
- Error by chance takes outcomes as independent. Roots of one patient hang together, so chance
  leaves somewhat more than it says.
- With numbers from their ranges every patient has other numbers, so that errors of one kind and
  the other partly cancel. A table that is wrong in the same way for everyone would do worse.
- The different world differs in two ways only, and in sizes that were assumed.

Printed by `python tools/check_calibration.py --people {people} --seed {seed}`; every number is in
`calibration.json`. Versions: {version}.
"""


def worlds_list() -> str:
    """The worlds, one a line."""
    return "\n".join(f"- **{trial.title}**: {trial.says}." for trial in TRIALS)


def rise(own: Calibration, other: Calibration) -> str:
    """How much larger the error is in another world."""
    return f"{other.expected_error - own.expected_error:.4f}"


def summary_table(outcomes: Sequence[Outcome]) -> str:
    """What came out in each world."""
    few = f"from {FEW}"
    head = f"| World | Error, all roots | by chance | Error, {few} | by chance | Brier | Log loss |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *map(summary_row, outcomes)])


def summary_row(outcome: Outcome) -> str:
    """One world in the table of results."""
    everywhere, in_question = outcome.everywhere, outcome.in_question
    numbers = (
        everywhere.expected_error,
        everywhere.error_by_chance,
        in_question.expected_error,
        in_question.error_by_chance,
        everywhere.brier,
        everywhere.log_loss,
    )
    return f"| {outcome.trial.title} | " + " | ".join(f"{x:.4f}" for x in numbers) + " |"


def verdict(outcome: Outcome, most: float) -> str:
    """Whether an aim was reached, and with what."""
    error = outcome.everywhere.expected_error
    return f"{'reached' if error < most else 'missed'}, with {error:.4f}"


def bins_table(found: Calibration) -> str:
    """The reliability bins of one world."""
    lines = ["| Said | Pairs | Mean said | True |", "|---|---|---|---|"]
    lines += [
        f"| {item.low:.1f} to {item.high:.1f} | {item.count:,} | {item.mean_probability:.3f}"
        f" | {item.observed:.3f} |"
        for item in found.bins
    ]
    return "\n".join(lines)


def as_picture(outcomes: Sequence[Outcome]) -> str:
    """The reliability diagram."""
    left, top, size = 70, 20, 400

    def place(said: float, true: float) -> str:
        return f"{left + size * said:.1f},{top + size * (1 - true):.1f}"

    parts = [
        f'<svg xmlns="{SVG}" viewBox="0 0 720 480" role="img" font-family="sans-serif">',
        "<title>Reliability of the examination in three virtual worlds</title>",
        "<desc>Share of roots irritated against the probability said, in ten bins.</desc>",
        '<rect width="720" height="480" fill="#ffffff"/>',
        '<g font-size="14">',
        f'<rect x="{left}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#767676"/>',
        f'<polyline points="{place(0, 0)} {place(1, 1)}" stroke="#767676" stroke-dasharray="5 5"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + size * tick, top + size * (1 - tick)
        parts.append(
            f'<text x="{x}" y="{top + size + 22}" text-anchor="middle">{100 * tick:g} %</text>'
        )
        parts.append(f'<text x="{left - 8}" y="{y + 5}" text-anchor="end">{100 * tick:g} %</text>')
    parts.append(
        f'<text x="{left + size / 2}" y="{top + size + 48}" text-anchor="middle">'
        "Probability said</text>"
    )
    parts.append(
        f'<text transform="translate(18 {top + size / 2}) rotate(-90)" text-anchor="middle">'
        "Share that was true</text>"
    )
    drawn = [outcome for outcome in outcomes if outcome.trial.name in COLOURS]
    for row, outcome in enumerate(drawn):
        colour, y = COLOURS[outcome.trial.name], top + 20 + 26 * row
        bins = outcome.everywhere.bins
        points = [place(item.mean_probability, item.observed) for item in bins]
        line = " ".join(points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks = [*points, f"{left + size + 32},{y - 5}"]
        parts += [marker(row, point, colour) for point in marks]
        parts.append(f'<text x="{left + size + 48}" y="{y}">{outcome.trial.title}</text>')
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


def marker(shape: int, point: str, colour: str) -> str:
    """A mark whose shape tells the worlds apart without colour."""
    x, y = (float(part) for part in point.split(","))
    if shape == 0:
        return f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>'
    if shape == 1:
        return f'<rect x="{x - 5}" y="{y - 5}" width="10" height="10" fill="{colour}"/>'
    corners = f"{x},{y - 6} {x - 6},{y + 5} {x + 6},{y + 5}"
    return f'<polygon points="{corners}" fill="{colour}"/>'


def write(path: Path, text: str) -> None:
    """The whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(path.suffix + ".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def main() -> None:
    """Run every trial and write the page."""
    parser = argparse.ArgumentParser(description="Examine virtual patients; write how it went.")
    parser.add_argument("--people", type=int, default=PEOPLE, help="patients in each world")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=PAGE, help="folder of the page")
    given = parser.parse_args()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(given.workers) as pool,
    ):
        outcomes = [
            measure(pool, trial, given.people, given.seed, progress) for trial in range(len(TRIALS))
        ]
    for outcome in outcomes:
        print(
            f"{outcome.trial.title}: error {outcome.everywhere.expected_error:.4f} over all roots,"
            f" {outcome.in_question.expected_error:.4f} from {FEW},"
            f" {outcome.seconds:.0f} s"
        )
    write(given.out / "calibration.json", as_json(outcomes, given.people, given.seed))
    write(given.out / "calibration.svg", as_picture(outcomes))
    write(given.out / "calibration.md", as_page(outcomes, given.people, given.seed))
    print(given.out / "calibration.md")


if __name__ == "__main__":
    main()
