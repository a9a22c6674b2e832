"""Printing: a page of the atlas on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from myotome.report.atlas_text.lines import Facts
from myotome.report.atlas_text.pages import Page, Section, page_of

if TYPE_CHECKING:
    from rich.console import Console


def print_facts(facts: Facts, console: Console | None = None) -> None:
    """Print facts as a page.

    Args:
        facts: From any ``*_facts`` function.
        console: Where to print; standard output unless given.
    """
    from rich.console import Console as Terminal  # noqa: PLC0415 - only who prints pays for rich

    _print_page(page_of(facts), console or Terminal())


def _print_page(page: Page, console: Console) -> None:
    from rich.panel import Panel  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console.print(Text(page.title, style="bold"))
    if page.subtitle:
        console.print(Text(page.subtitle))
    if page.warning:
        console.print(Panel(Text(page.warning, style="bold"), expand=False))
    for section in page.sections:
        _print_section(section, console)


def _print_section(section: Section, console: Console) -> None:
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console.print()
    if section.heading:
        console.print(Text(section.heading, style="bold"))
    for sentence in section.words:
        console.print(Padding(Text(sentence), (0, 0, 0, 2), expand=False))
    if section.rows:
        table = Table(box=None, pad_edge=False, show_header=any(section.columns))
        for column in section.columns:
            table.add_column(column, header_style="dim", overflow="fold")
        for row in section.rows:
            table.add_row(*(Text(cell) for cell in row))
        console.print(Padding(table, (0, 0, 0, 2), expand=False))
