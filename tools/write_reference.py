"""Write the pages of docs/reference that are printed from the code, the tables and the cases.

Run by `make docs`. With ``--check`` nothing is written; exit 1 names the pages that are out of
date, which a test does too. Pages named after it are passed over.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import typer.main

from myotome.atlas import atlas
from myotome.case import FORMAT, KINDS, SECTIONS, Case, read_case
from myotome.cli import app
from myotome.examination import Assessment, examine
from myotome.examination.probabilities import probability_rows
from myotome.physiology.motoneuron_cells import Cell
from myotome.physiology.parameters import Declaration, declarations
from myotome.report.published_cases import KEPT, counted, is_composite, rank_of
from myotome.report.words import chance, per_cent, root_name, sign_name, spoken_to
from myotome.simulation import ARMS, RIVALS, Mechanism, simulate
from myotome.simulation.moment import CHANNELS, STATES, Structures
from myotome.sources import sources
from myotome.treatment import rulebook

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "reference"


def table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(heading)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def command_line() -> str:
    """Every command with its arguments and options, those of other packages last."""
    parts = [
        "# Command line",
        "Exit codes: 0 done, 1 the answer is no, 2 the input is wrong (one message a problem on"
        " stderr: file, place, value, what was expected, how to mend it).",
    ]
    group = typer.main.get_command(app)
    parts += _commands(group, "myotome")
    for entry in sorted(entry_points(group="myotome.commands"), key=lambda entry: entry.name):
        parts += _commands(typer.main.get_command(entry.load()), f"myotome {entry.name}")
    return "\n\n".join(parts)


def _commands(command: Any, name: str) -> list[str]:
    children = getattr(command, "commands", None)
    if children:
        found = []
        for child in sorted(children):
            found += _commands(children[child], f"{name} {child}")
        return found
    usage = [f"`{name}"]
    rows = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            usage.append(parameter.metavar or parameter.name.upper())
        elif parameter.name != "help":
            rows.append((", ".join(parameter.opts), getattr(parameter, "help", "") or ""))
    body = [f"## {' '.join(usage)}`", (command.help or "").strip()]
    if rows:
        body.append(table(("option", "meaning"), rows))
    return body


def case_file() -> str:
    """Sections and keys of a case file."""
    parts = [
        "# Case file",
        f"TOML, UTF-8, at most one megabyte; `format = {FORMAT}`. See"
        " [how to write one](../how-to/write-a-case-file.md).",
        table(("section", "keys"), ((f"`[{n}]`", ", ".join(k)) for n, k in SECTIONS.items())),
        "## Kinds of treatment and their dose fields",
        table(("kind", "fields"), ((kind, ", ".join(doses)) for kind, doses in KINDS.items())),
        "## Signs",
        table(
            ("sign", "name", "recorded at", "measured in", "counts for"),
            (
                (
                    row.sign_id,
                    row.name,
                    ", ".join(row.applies_to),
                    row.measure,
                    row.bearing.replace("_", " "),
                )
                for row in atlas().signs.values()
            ),
        ),
    ]
    return "\n\n".join(parts)


def sign_table() -> str:
    """Every probability of the examination."""
    rows = probability_rows()
    counts = {letter: sum(row.certainty == letter for row in rows) for letter in "ABCD"}
    cited = sorted({source for row in rows for source in row.source_ids})
    parts = [
        "# Signs and their probabilities",
        f"{len(rows)} numbers: {counts['A']} measured in a diagnostic study (A),"
        f" {counts['B']} derived by a stated formula (B), {counts['C']} by analogy (C),"
        f" {counts['D']} assumed with a wide range (D). No clinical accuracy is known.",
        table(
            ("parameter", "value", "95 % range", "certainty", "sources", "how"),
            (
                (
                    f"`{row.parameter_id}`",
                    row.value,
                    f"{row.low:g} to {row.high:g}",
                    row.certainty,
                    ", ".join(row.source_ids),
                    row.derivation,
                )
                for row in rows
            ),
        ),
        "## Sources",
        _source_table(cited),
    ]
    return "\n\n".join(parts)


def _source_table(names: Iterable[str]) -> str:
    known = sources()
    return table(
        ("source", "citation", "how much was read"),
        ((name, _linked(name), known[name].access) for name in names),
    )


def _linked(name: str) -> str:
    source = sources()[name]
    return f"[{source.citation}]({source.url})" if source.url else source.citation


def treatment_tables() -> str:
    """Screening questions, doses, adjuncts, exercises and rules of the course."""
    book = rulebook()
    parts = [
        "# Screening and doses",
        "A `stop` can never be overridden; `clear_first` needs a named practitioner, a reason and"
        " what was done; a `caution` shows advice.",
        "## Screening questions",
        table(
            ("item", "question", "scope", "effect", "concern", "certainty", "sources"),
            (
                (
                    row.item_id,
                    row.question,
                    row.scope,
                    row.effect,
                    row.concern,
                    row.certainty,
                    ", ".join(row.source_ids),
                )
                for row in book.screening_items.values()
            ),
        ),
        "## Doses",
        table(
            ("rule", "value", "range", "unit", "words", "certainty", "sources"),
            (
                (
                    row.name,
                    row.value,
                    f"{row.low:g} to {row.high:g}",
                    row.unit,
                    row.words,
                    row.certainty,
                    ", ".join(row.source_ids),
                )
                for row in book.dose_rules.values()
            ),
        ),
        "## Beside the needle",
        table(
            ("adjunct", "kind", "dose", "not with", "certainty", "sources"),
            (
                (
                    row.name,
                    row.kind,
                    row.dose,
                    row.contraindications,
                    row.certainty,
                    ", ".join(row.source_ids),
                )
                for row in book.adjuncts.values()
            ),
        ),
        "## Exercises at home",
        table(
            ("exercise", "how", "stop when", "certainty", "sources"),
            (
                (
                    row.name,
                    row.instruction,
                    row.stop_when,
                    row.certainty,
                    ", ".join(row.source_ids),
                )
                for row in book.exercises.values()
            ),
        ),
    ]
    return "\n\n".join(parts)


def published_cases() -> str:
    """Each example: what its source concluded, what was inferred, and where they part."""
    answers = _answers()
    published = [item for item in answers if not is_composite(item[0])]
    composites = [item for item in answers if is_composite(item[0])]
    count = counted(answers)
    parts = [
        "# Published cases",
        "What each source concluded, beside what the findings of the case fit before its first"
        " treatment. This is no measure of clinical accuracy: the cases are few, chosen and"
        " mostly read in part, and what was not looked at differs between them.",
        f"Of {count['named']} published cases whose source names a root, it came first in"
        f" {count['first']}. The other {count['published'] - count['named']} sources name no root.",
        _case_table(published),
        "## Composite pictures",
        "Single cervical roots after Levin 1996 (EMG findings of the abstract), and tennis elbow"
        " after Gunn and Milbrandt 1976. The atlas takes its ranking of levels from Levin 1996"
        " too, so agreement there is a consistency check and no evidence.",
        _case_table(composites),
    ]
    return "\n\n".join(parts)


@cache
def _answers() -> tuple[tuple[Case, Assessment], ...]:
    cases = [read_case(path) for path in sorted((ROOT / "examples").glob("*.toml"))]
    return tuple((case, examine(case.examination())) for case in cases)


def _case_table(answers: Iterable[tuple[Case, Assessment]]) -> str:
    return table(
        ("case", "source concluded", "by", "roots found", "no root", "agreement", "why"),
        (
            (
                f"[{case.id}](../../examples/{case.id}.toml)",
                ", ".join(root_name(root) for root in case.concluded) or "no root named",
                case.basis,
                "; ".join(f"{root_name(r.root)} {chance(r)}" for r in spoken_to(answer)[:3]),
                per_cent(answer.no_root),
                _agreement(case, answer),
                _why(case, answer),
            )
            for case, answer in answers
        ),
    )


def _agreement(case: Case, answer: Assessment) -> str:
    if not case.concluded:
        return "not to be judged"
    rank = rank_of(case, answer)
    return "put first" if rank == 1 else f"put at place {rank}"


def _why(case: Case, answer: Assessment) -> str:
    """Where the answer is thin or parts from the source: what the signs leave open."""
    said = []
    sites = {item.site for item in answer.findings}
    if len(sites) == 1:
        said.append("one place looked at: a thin examination stays far from certainty")
    if not case.concluded:
        best = spoken_to(answer)[:1]
        top = f"{root_name(best[0].root)} at {per_cent(best[0].probability)}" if best else "none"
        said.append(f"signs of muscle alone do not settle a root; the best is {top}")
    elif rank_of(case, answer) > 1 or spoken_to(answer)[0].probability < 0.6:
        signs = answer.next_signs[:2]
        names = "; ".join(
            f"{sign_name(item.sign).lower()} at {atlas().label(item.site)}"
            if item.site.kind != "side"
            else f"{sign_name(item.sign).lower()}, {item.site.side}"
            for item in signs
        )
        said.append(f"neighbouring roots share the signs; would separate them: {names}")
    return "; ".join(said)


def parameters() -> str:
    """Every parameter of the mechanism: of the weeks, then what only a moment has."""
    weeks = Mechanism().declarations()
    known = {(row.structure, row.name) for _, row in weeks}
    seconds = tuple(
        (name, row)
        for name, row in (
            *Structures().declarations(),
            *(("motoneuron", row) for row in declarations(Cell)),
        )
        if (row.structure, row.name) not in known
    )
    rows = (*weeks, *seconds)
    tags = {tag: sum(row.tag == tag for _, row in rows) for tag in "VCDU"}
    cited = sorted({row.source for _, row in rows} - {"assumed"})
    parts = [
        "# Parameters of the mechanism",
        f"{len(rows)} numbers: {tags['V']} read in the cited source (V), {tags['C']} computed from"
        f" such numbers (C), {tags['D']} chosen by this project with a range (D), {tags['U']}"
        " unverified (U).",
        f"## Over weeks\n\n{len(weeks)} numbers; time in days unless said.",
        _parameter_table(weeks),
        f"## Within a moment\n\n{len(seconds)} more numbers; what a moment shares with the weeks"
        " stands above. Of motoneurons the first slow cell is shown; the others lie in"
        " `motoneuron_cells`.",
        _parameter_table(seconds),
        "## Sources",
        _source_table(cited),
    ]
    return "\n\n".join(parts)


def _parameter_table(rows: Iterable[tuple[str, Declaration]]) -> str:
    return table(
        ("structure", "parameter", "value", "range", "unit", "tag", "source", "meaning"),
        (
            (
                name,
                f"`{row.name}`",
                row.value,
                f"{row.low:g} to {row.high:g}" if row.high > row.low else "",
                row.unit,
                row.tag,
                row.source,
                row.meaning,
            )
            for name, row in rows
        ),
    )


def moment_states() -> str:
    """Everything that a moment can record."""
    parts = [
        "# What a moment records",
        "Channels and states go by name into `record` of `myotome.simulation.moment.run`, which"
        " keeps them each millisecond; a `Probe` keeps a state of chosen cells, muscles and people"
        ' at another pace. Each comes back under its name, `done["pool.soma"]`, and with its unit'
        " and labels in `done.dataset()`.",
        f"## {len(CHANNELS)} channels\n\nShape (milliseconds, people, muscles or roots or joints).",
        table(
            ("name", "of each", "unit", "meaning"),
            ((f"`{row.name}`", row.of, row.unit, row.meaning) for row in CHANNELS.values()),
        ),
        f"## {len(STATES)} states\n\nEverything that moves, by structure, as it stands when its"
        " millisecond is over. Where each muscle has many units, or each root many kinds of"
        " projection neurons, these are one more dimension.",
        table(
            ("name", "of each", "unit", "meaning"),
            (
                (
                    f"`{row.name}`",
                    f"{row.within} of a {row.of}" if row.within else row.of,
                    row.unit,
                    row.meaning,
                )
                for row in STATES.values()
            ),
        ),
    ]
    return "\n\n".join(parts)


def rivals() -> str:
    """What each explanation gives for the same person."""
    case = read_case(ROOT / "examples" / "rainey-2013-low-back.toml")
    rows = []
    for name, rival in RIVALS.items():
        course = simulate(case, rival=name)
        ends = [course.arm(arm, "pain")[0, -1, 0] for arm in ARMS]
        lengths = [course.arm(arm, "length")[0, -1, 0] for arm in ARMS[:2]]
        rows.append(
            (
                f"`{name}`",
                rival.claim,
                *(f"{value:.1f}" for value in ends),
                f"{ends[0] - ends[1]:+.1f}",
                f"{lengths[0]:.0f} / {lengths[1]:.0f}",
            )
        )
    parts = [
        "# Rivals on the same case",
        "The case is [rainey-2013-low-back](../../examples/rainey-2013-low-back.toml), two"
        " needlings and stabilisation, twelve weeks, central numbers; pain of 10 at week 12. Each"
        " rival keeps every law and changes only what is linked to what. None of this is evidence"
        " for any of them: it shows what would have to be measured to tell them apart.",
        table(
            (
                "rival",
                "claim",
                "treated",
                "sham",
                "untreated",
                "treated less sham",
                "paraspinal length % (treated / sham)",
            ),
            rows,
        ),
        "Told apart by: length and range of the needled muscle beside pain (only links through the"
        " muscle move both); an effect at the segment away from the needle; a difference between"
        " needling with and without the paraspinals; and sham.",
    ]
    return "\n\n".join(parts)


WRITERS: dict[str, Callable[[], str]] = {
    "parameters.md": parameters,
    "moment-states.md": moment_states,
    "rivals.md": rivals,
    "command-line.md": command_line,
    "case-file.md": case_file,
    "sign-table.md": sign_table,
    "treatment-tables.md": treatment_tables,
    "published-cases.md": published_cases,
}


def main() -> int:
    """Write the pages, or with --check name those that differ."""
    check = "--check" in sys.argv[1:]
    skipped = {name for name in sys.argv[1:] if name.endswith(".md")}
    PAGES.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, write in WRITERS.items():
        if name in skipped:
            continue
        text = f"<!-- Printed from the code by `make docs`; edit the source. -->\n\n{write()}\n"
        page = PAGES / name
        if check and (not page.exists() or page.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            page.write_text(text, encoding="utf-8")
            print(page.relative_to(ROOT))
    if not check and "published-cases.md" not in skipped:
        KEPT.write_text(f"{json.dumps(counted(_answers()))}\n", encoding="utf-8")
        print(KEPT.relative_to(ROOT))
    for name in stale:
        print(f"docs/reference/{name} is out of date. Run: make docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
