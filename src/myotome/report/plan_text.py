"""The plan at a terminal: what is proposed and why, or which question is missing."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from myotome.atlas import atlas
from myotome.treatment import Plan


def print_plan(plan: Plan, console: Console | None = None) -> None:
    """Print the proposal in the order of work: screening, sites, beside the needle, rules."""
    out = console or Console(highlight=False)
    out.print(plan.statement, style="bold")
    out.print(f"Level of concern: {plan.concern_words}.")
    _print_screening(plan, out)
    _print_conclusion(plan, out)
    for visit, sites in enumerate(plan.visits, start=1):
        table = Table(title=f"Visit {visit}: proposed sites", title_justify="left")
        for heading in ("site", "why", "dose", "hazards, most severe first", "depth"):
            table.add_column(heading)
        for site in sites:
            table.add_row(
                atlas().label(site.site),
                site.why,
                site.dose.words,
                "\n".join(f"{row.severity}: {row.name}" for row in site.hazards.hazards),
                site.hazards.depth,
            )
        out.print(table)
    for item in plan.session_warnings:
        where = f"Visit {item.visit}" if item.visit else "Whole plan"
        out.print(f"{where}, {item.warning.effect.replace('_', ' ')}: {item.warning.words}")
    for rule in plan.dose:
        out.print(f"{rule.name}: {rule.words}")
    _print_beside(plan, out)
    for missing in plan.missing_inputs:
        out.print(missing.words)


def _print_screening(plan: Plan, out: Console) -> None:
    screening = plan.screening
    for item in screening.blocked:
        out.print(f"Stop: {item.item.question} {item.item.advice}", style="bold")
    for item in screening.needs_clearing:
        out.print(f"Clear first: {item.item.question} {item.item.advice}")
    for item in screening.cautions:
        out.print(f"Caution: {item.item.question} {item.item.advice}")
    if plan.missing:
        out.print("No needling is proposed until these are answered:", style="bold")
        for question in plan.missing:
            out.print(f"  {question.item_id}: {question.question}")


def _print_conclusion(plan: Plan, out: Console) -> None:
    """Findings that a conclusion leaves unexplained, and those that speak against it."""
    if plan.conclusion is None:
        return
    said = plan.conclusion.to_dict()
    for words in said["unexplained"]:
        out.print(f"Not explained by what was concluded: {words}.")
    for words in said["against"]:
        out.print(f"Speaks against {words}.")


def _print_beside(plan: Plan, out: Console) -> None:
    for adjunct in plan.adjuncts:
        row = adjunct.row
        not_with = f" Not with: {row.contraindications}" if row.contraindications else ""
        out.print(f"Beside the needle: {row.name}. {row.dose}{not_with}")
    for exercise in plan.home_programme:
        out.print(f"At home: {exercise.row.name}. {exercise.row.instruction}")
    for kind in ("stop", "refer", "review"):
        for rule in plan.rules_of(kind):
            out.print(f"{kind.capitalize()}: {rule.words}")
