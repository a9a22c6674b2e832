"""Course section: the weeks of one case as a part of its report.

It receives a case, its course and what rival explanations make of it; gives HTML that a page sets
between the plan and what really happened, with `static/course.css` beside its own rules. Figures,
captions and tables hold the same numbers. What trials found stands on the same axis as the model's
own difference, those that found none in the same size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from myotome.case import Case
from myotome.report import course_figures as figures
from myotome.report import course_words as words
from myotome.report.evidence import OUTCOMES, known_sources
from myotome.report.references import References
from myotome.report.words import root_name
from myotome.simulation import RIVALS, Course
from myotome.simulation.dataset import ILLUSTRATION
from myotome.sources import Source

HEADING: Final = "The weeks, as the model has them (illustration)"
_SHOWN: Final = ("tone", "length", "range")
_FOLDED: Final = ("tendon_strain", "joint_stress", "receptors", "pressure_pain_threshold")


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity: its title and unit, and a panel for each muscle or root."""

    title: str
    unit: str
    panels: tuple[figures.Panel, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Pain against sham, of an explanation or of a trial."""

    name: str
    note: str
    value: str
    mark: Markup
    sources: tuple[Source, ...] = ()
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers of one muscle, root or person, week by week."""

    title: str
    groups: tuple[tuple[words.WeekRow, ...], ...]


def weeks_section(
    case: Case,
    course: Course,
    rivals: Mapping[str, Course] | None = None,
    references: References | None = None,
) -> Markup:
    """The section, ready to stand in a page.

    Args:
        case: The case; its outcomes are shown in a row of their own.
        course: What the model makes of it.
        rivals: Courses of the same case under other explanations, by name.
        references: Numbers the sources as the page does; left out, they are linked by name.
    """
    muscles = words.chosen_muscles(course)
    courses = words.with_rivals(course, rivals)
    context = {
        "heading": HEADING,
        "label": ILLUSTRATION,
        "words": words,
        "course": course,
        "references": references,
        "needled": bool(words.needled_weeks(course)),
        "pain": (figures.pain_panel(course), figures.difference_panel(course)),
        "pain_captions": words.pain_sentences(course),
        "beside_captions": words.beside_sentences(course),
        "real": figures.outcome_panel(case, course),
        "outcome": words.outcome_sentence(case, course),
        "rivals_caption": words.rivals_sentence(courses),
        "model_effects": tuple(_model_effects(courses)),
        "trial_effects": tuple(_trial_effects()),
        "axis": _axis,
        "muscle_titles": [words.muscle_title(course, muscle) for muscle in muscles],
        "muscle_captions": words.muscle_sentences(course),
        "shown_rows": [_muscle_row(course, muscles, quantity) for quantity in _SHOWN],
        "folded_rows": [_muscle_row(course, muscles, quantity) for quantity in _FOLDED],
        "root_row": Row("Compression of the root", "0 to 1", figures.root_panels(course)),
        "root_titles": [root_name(root) for root in course.preparation.roots],
        "tables": tuple(_tables(course, muscles)),
        "weeks": words.weeks_of(course),
        "names": words.NAMES,
        "arms": words.ARM_NAMES,
        "taken": words.taken_sentences(course),
    }
    return Markup(_environment().get_template("weeks.html.j2").render(context))  # noqa: S704 - escaped


def pain_figure(case: Case, course: Course, key: str) -> Markup:
    """Pain over the weeks in its frame: the section's first figure, to stand by itself.

    Args:
        case: The case; its outcomes are shown in a row of their own.
        course: What the model makes of it.
        key: For the names of its parts, where several stand on one page.
    """
    context = {
        "label": ILLUSTRATION,
        "words": words,
        "course": course,
        "needled": bool(words.needled_weeks(course)),
        "pain": (
            figures.pain_panel(course, f"{key}-pain"),
            figures.difference_panel(course, f"{key}-difference"),
        ),
        "real": figures.outcome_panel(case, course),
        "outcome": words.outcome_sentence(case, course),
    }
    return Markup(_environment().get_template("weeks_pain.html.j2").render(context))  # noqa: S704 - escaped


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("myotome.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = _drawing
    return environment


def _drawing(panel: figures.Panel) -> Markup:
    return Markup(panel.svg)  # noqa: S704 - drawn by this package, texts escaped where they enter


def _muscle_row(course: Course, muscles: Sequence[int], quantity: str) -> Row:
    naming = words.NAMES[quantity]
    panels = figures.muscle_panels(course, muscles, quantity)
    return Row(naming.title, naming.unit, panels)


def _model_effects(courses: Mapping[str, Course]) -> Iterator[Effect]:
    for name, course in courses.items():
        gaps = figures.runs_of(course)
        title = RIVALS[name].title
        value = words.difference_words(course)
        mark = figures.effect_mark(f"effect-{name}", f"{title}: {value}", value=gaps[0], runs=gaps)
        yield Effect(title, words.rival_sentence(name, course), value, Markup(mark))  # noqa: S704


def _trial_effects() -> Iterator[Effect]:
    for trial in words.PUBLISHED:
        row = trial.row
        mark = figures.effect_mark(
            f"effect-{trial.evidence_id}",
            f"{trial.name}: {trial.result}",
            value=trial.difference,
            low=trial.low,
            high=trial.high,
        )
        people = f"{row.people:g} people, against" if row.people else "Against"
        against = f"{people} {row.comparator.replace(';', ' or')}. {OUTCOMES[row.outcome]}"
        yield Effect(
            trial.name,
            f"{against}, {row.certainty} certainty.",
            trial.result,
            Markup(mark),  # noqa: S704 - drawn by this package
            tuple(known_sources()[source] for source in row.source_ids),
            row.source_ids,
        )


def _axis(part: str) -> Markup:
    return Markup(figures.effect_axis(part))  # noqa: S704 - drawn by this package, texts escaped


def _tables(course: Course, muscles: Sequence[int]) -> Iterator[Table]:
    yield _table(course, "Pain", ("pain",), 0)
    for muscle in muscles:
        title = words.muscle_title(course, muscle)
        yield _table(course, title, words.quantities_of("muscle"), muscle)
    for place, root in enumerate(course.preparation.roots):
        yield _table(course, f"Root {root_name(root)}", words.quantities_of("root"), place)


def _table(course: Course, title: str, quantities: Sequence[str], column: int) -> Table:
    groups = (tuple(words.week_rows(course, quantity, column)) for quantity in quantities)
    return Table(title, tuple(groups))
