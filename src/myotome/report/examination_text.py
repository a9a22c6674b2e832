"""The assessment at a terminal: the same sentences as the report, short enough for one screen."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from myotome.examination import Assessment, RootProbability
from myotome.report.words import (
    NO_ACCURACY,
    NOT_ADDING_UP,
    chance,
    explanation_words,
    finding_words,
    headline,
    listed,
    next_sign_words,
    other_words,
    per_cent,
    reason_words,
    root_name,
    sign_name,
    site_name,
    spoken_to,
)

_ROOTS = 6
_REASONS = 4
_SHOWN_FROM = 0.05


def print_assessment(assessment: Assessment, console: Console | None = None) -> None:
    """Print what the findings fit, why, and what to look for next."""
    out = console or Console(highlight=False)
    out.print(headline(assessment), style="bold")
    out.print(
        f"No root: {per_cent(assessment.no_root)}, of which something else"
        f" {per_cent(assessment.something_else)}. {NOT_ADDING_UP}"
    )
    for sign in assessment.refers:
        out.print(f"Means refer: {finding_words(sign)}.", style="bold")
    shown = [item for item in spoken_to(assessment) if item.probability >= _SHOWN_FROM][:_ROOTS]
    if shown:
        out.print(_roots_table(assessment, shown))
    for item in assessment.contradictions[:_REASONS]:
        words = finding_words(item.finding)
        out.print(f"Against {root_name(item.root)} although it fits: {words}.")
    _print_rest(assessment, out)
    out.print(NO_ACCURACY)


def _roots_table(assessment: Assessment, shown: list[RootProbability]) -> Table:
    table = Table(title="Roots that the findings speak to", title_justify="left")
    table.add_column("root")
    table.add_column("fits", justify="right")
    table.add_column("front ramus")
    table.add_column("back ramus")
    table.add_column("strongest reasons")
    for item in shown:
        rami = assessment.rami[item.root]
        reasons = assessment.reasons_for(item.root)[:_REASONS]
        table.add_row(
            root_name(item.root),
            chance(item),
            rami.anterior.replace("_", " "),
            rami.posterior.replace("_", " "),
            "\n".join(f"{finding_words(r.finding)} ({reason_words(r)})" for r in reasons),
        )
    return table


def _print_rest(assessment: Assessment, out: Console) -> None:
    if assessment.muscles:
        names = listed(site_name(muscle.site) for muscle in assessment.muscles)
        out.print(f"Held short: {names}.")
    if assessment.other:
        found = [
            f"{other_words(item.kind, item.name, item.side)} {per_cent(item.probability)}"
            for item in assessment.other
            if item.probability >= 0.01
        ]
        if found:
            out.print(f"Other explanations: {'; '.join(found)}.")
    sets = [
        f"{explanation_words(item)} {per_cent(item.probability)}"
        for item in assessment.explanations
    ]
    out.print(f"Joint explanations: {'; '.join(sets)}.")
    for sign in assessment.next_signs[:3]:
        out.print(
            f"Would tell most of what was not looked at: {sign_name(sign.sign).lower()},"
            f" {site_name(sign.site)}. {next_sign_words(sign)}"
        )
    for item in assessment.not_weighed:
        out.print(f"Not weighed: {finding_words(item.finding)}. {item.why}")
