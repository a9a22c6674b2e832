"""The command line: each verb of the package for a person at a terminal, or for a script.

Every command prints for people and, with ``--json``, for programs. Exit codes: 0 done, 1 the
answer is no, 2 the input is wrong; then one message a problem on stderr says where, what came,
what was expected and how to mend it. Other packages add commands by the entry-point group
``myotome.commands``. Heavy rooms are imported inside the command that needs them.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import shlex
import sys
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from myotome.errors import CannotWrite, InputError, MyotomeError
from myotome.whole_file import write_text_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from myotome.atlas import Root
    from myotome.case import Case
    from myotome.examination import Assessment
    from myotome.simulation import Course
    from myotome.treatment import Plan, Screening

app = typer.Typer(
    name="myotome",
    help="Gunn intramuscular stimulation as software: examination, plan, report.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
case_app = typer.Typer(help="Make and check case files.", no_args_is_help=True)
atlas_app = typer.Typer(
    help="What the anatomy tables hold, with sources and disagreements.", no_args_is_help=True
)
app.add_typer(case_app, name="case")
app.add_typer(atlas_app, name="atlas")

CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="A case file (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Week = Annotated[
    float | None,
    typer.Option(help="Use what was found up to this week. Left out: up to the first treatment."),
]
Weeks = Annotated[float, typer.Option(help="How many weeks to simulate, up to 104.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for the results.")
]
# The explanations are named here so that help costs no import; a test holds them to `RIVALS`.
Rival = Annotated[
    str,
    typer.Option(
        help="Which explanation: segmental_root, no_circle, peripheral_only, gate_only,"
        " context_only, inflammation or homeostasis."
    ),
]
Seed = Annotated[int, typer.Option(help="Of the draws from the uncertain ranges, 0 or more.")]
Draws = Annotated[int, typer.Option(help="How many draws, 1 to 4096; 1 is the central run.")]
Roots = Annotated[
    str | None,
    typer.Option(
        help="Roots that somebody concluded, such as C8-right,C7-right, or none, in place of those"
        " that fit."
    ),
]
Adherence = Annotated[float, typer.Option(help="Share of the home programme done, 0 to 1.")]

_STOPPED = 130  # exit code of what was stopped by Ctrl-C


@app.command()
def run(
    case_file: CaseFile,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    week: Week = None,
    weeks: Weeks = 12.0,
) -> None:
    """Do the main job on one case: report.html for people, summary.json and course.nc."""
    from myotome.report.case_report import case_report, summary
    from myotome.report.course_text import course_json
    from myotome.simulation import check_treatments
    from myotome.simulation.dataset import write_netcdf

    case, assessment, screening, proposal = _worked_out(case_file, week)
    check_treatments(case, file=str(case_file))
    course, rivals = _weeks_of(case, assessment, proposal, weeks)
    given = ["myotome", "run", str(case_file), "--out", str(out), "--weeks", f"{weeks:g}"]
    given += [] if week is None else ["--week", f"{week:g}"]
    page = case_report(
        case,
        assessment,
        screening,
        proposal,
        versions=_versions(assessment),
        command=shlex.join(given),
        course=course,
        rivals=rivals,
    )
    facts = summary(case, assessment, screening, proposal)
    facts["course"] = course_json(course)
    facts["versions"] = _versions(assessment)
    _write_all(
        out,
        {"report.html": page, "summary.json": _as_json(facts)},
        {"course.nc": lambda path: write_netcdf(course, path)},
    )
    typer.echo(f"Report: {out / 'report.html'}")


@app.command()
def examine(case_file: CaseFile, week: Week = None, as_json: AsJson = False) -> None:
    """Say which roots fit the findings of a case, and why."""
    from myotome.case import read_case
    from myotome.examination import examine as examine_findings

    assessment = examine_findings(read_case(case_file).examination(week))
    if as_json:
        typer.echo(_as_json(assessment.to_dict()))
        return
    from myotome.report.examination_text import print_assessment

    print_assessment(assessment)


@app.command()
def plan(
    case_file: CaseFile, week: Week = None, roots: Roots = None, as_json: AsJson = False
) -> None:
    """Propose a plan for a case, with hazards, or say which question is missing."""
    _, _, _, proposal = _worked_out(case_file, week, _roots_named(roots))
    if as_json:
        typer.echo(_as_json(proposal.to_dict()))
        return
    from myotome.report.plan_text import print_plan

    print_plan(proposal)


@app.command()
def simulate(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    case_file: CaseFile,
    weeks: Weeks = 12.0,
    rival: Rival = "segmental_root",
    roots: Roots = None,
    seed: Annotated[
        int, typer.Option(help="Of the draws from the uncertain ranges, 0 or more.")
    ] = 1,
    draws: Annotated[
        int, typer.Option(help="How many draws, 1 to 4096; 1 is the central run.")
    ] = 64,
    adherence: Annotated[
        float, typer.Option(help="Share of the home programme done, 0 to 1.")
    ] = 0.6,
    fidelity: Annotated[
        str,
        typer.Option(
            help="rate: tone in closed form; spiking: read from moments of spiking pools, which"
            " run once and are kept."
        ),
    ] = "rate",
    paths: Annotated[bool, typer.Option("--paths", help="Cut each path and print shares.")] = False,
    out: OutFolder = None,
    as_json: AsJson = False,
) -> None:
    """Run the weeks of a case, treated, sham and untreated: an illustration, no forecast."""
    from myotome.case import read_case
    from myotome.report.course_text import (
        course_json,
        fidelity_difference,
        print_course,
        print_fidelity,
        print_paths,
    )
    from myotome.simulation import check_treatments
    from myotome.simulation import simulate as run_weeks
    from myotome.simulation.dataset import write_netcdf
    from myotome.simulation.paths import path_shares

    case = read_case(case_file)
    check_treatments(case, file=str(case_file))
    named = _roots_named(roots)
    with _progress("Weeks") as tell:
        course = run_weeks(
            case,
            roots=named,
            weeks=weeks,
            rival=rival,
            seed=seed,
            draws=draws,
            adherence=adherence,
            fidelity=fidelity,
            progress=tell,
        )
    by_rate = None
    if fidelity == "spiking":
        by_rate = run_weeks(
            case, roots=named, weeks=weeks, rival=rival, seed=seed, adherence=adherence
        )
    if out:
        _write_all(
            out,
            {"course.json": _as_json(course_json(course))},
            {"course.nc": lambda path: write_netcdf(course, path)},
        )
    of_paths = partial(path_shares, case, weeks=weeks, rival=rival, adherence=adherence)
    shares = of_paths(roots=named) if paths else None
    if as_json:
        facts = course_json(course)
        if by_rate:
            facts["fidelity_difference"] = fidelity_difference(course, by_rate)
        typer.echo(_as_json({**facts, "paths": asdict(shares)} if shares else facts))
        return
    print_course(course)
    if by_rate:
        print_fidelity(course, by_rate)
    if shares:
        print_paths(shares)


@app.command()
def moment(
    case_file: CaseFile,
    needle: Annotated[
        str, typer.Option(help="Muscle to needle, as the atlas names it; left out, one treated.")
    ] = "",
    seconds: Annotated[float, typer.Option(help="How long, 10 to 600.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Of the noise, 0 or more.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Needle one muscle of a case, spike by spike, beside the same nerves and muscles in health."""
    from myotome.case import read_case
    from myotome.report.moment_text import moment_json, print_moment
    from myotome.simulation.case_moment import case_moment, muscle_named, needled

    if not 10.0 <= seconds <= 600.0:
        raise InputError(f"seconds must lie between 10 and 600, got {seconds:g}.", place="seconds")
    who = case_moment(read_case(case_file))
    chosen = muscle_named(who, needle) if needle else None
    with _progress("Moment") as tell:
        found = needled(who, chosen, seconds=seconds, seed=seed, threads=2, progress=tell)
    if as_json:
        typer.echo(_as_json(moment_json(found)))
        return
    print_moment(found)


@app.command()
def landscape(
    case_file: CaseFile,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Say which numbers decide; takes minutes.")
    ] = False,
    out: OutFolder = None,
    as_json: AsJson = False,
) -> None:
    """Find the stable states of a case, what separates them, and the least dose to cross."""
    from myotome.case import read_case
    from myotome.report.landscape_page import landscape_page, print_landscape
    from myotome.simulation.landscape import landscape as find_landscape
    from myotome.simulation.sensitivity import OUTCOMES
    from myotome.simulation.sensitivity import sensitivity as find_sensitivity

    case = read_case(case_file)
    with _progress("Landscape") as tell:
        result = find_landscape(case, progress=tell)
    decided = []
    for outcome in OUTCOMES if sensitivity else ():
        with _progress(f"Sensitivity of {outcome.replace('_', ' ')}") as tell:
            decided.append(find_sensitivity(case, outcome, progress=tell))
    facts = {**result.to_dict(), "sensitivity": [item.to_dict() for item in decided]}
    if out:
        given = ["myotome", "landscape", str(case_file), "--out", str(out)]
        given += ["--sensitivity"] if sensitivity else []
        page = landscape_page(result, decided, version=_version(), command=shlex.join(given))
        _write_all(out, {"landscape.html": page, "landscape.json": _as_json(facts)})
    if as_json:
        typer.echo(_as_json(facts))
        return
    print_landscape(result, decided)
    if out:
        typer.echo(f"Page: {out / 'landscape.html'}")


@app.command()
def validate(as_json: AsJson = False) -> None:
    """Compare the model with published numbers; exit 1 on a miss that is not reviewed."""
    from myotome.validation import run_validation

    with _progress("Published numbers") as tell:
        text, code = run_validation(as_json=as_json, progress=tell)
    typer.echo(text)
    raise typer.Exit(code)


@case_app.command("new")
def case_new(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")],
    case_id: Annotated[str, typer.Option("--id", help="Left out: the file's name.")] = "",
    title: Annotated[str, typer.Option(help="One line that says what the case is.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Make a new case file that says, line by line, what may stand where."""
    from myotome.case import new_case_text, write_text

    if path.exists() and not force:
        raise InputError(
            "the file is there already. Give another name, or --force to replace it.",
            file=str(path),
        )
    write_text(new_case_text(case_id or path.stem, title), path)
    typer.echo(f"Made {path}. Fill in what is known, then: myotome case check {path}")


@case_app.command("check")
def case_check(case_file: CaseFile) -> None:
    """Check a case file, and say what a person should look at again."""
    from myotome.case import check_case, read_case
    from myotome.simulation import check_treatments

    case = read_case(case_file)
    remarks = check_case(case)
    check_treatments(case, file=str(case_file))
    for remark in remarks:
        typer.echo(f"{case_file}: {remark}")
    counted = f"{len(case.findings)} findings, {len(case.treatments)} treatments"
    typer.echo(f"{case.id}: {counted}, {len(case.outcomes)} outcomes. Can be used.")
    if remarks:
        raise typer.Exit(1)


@atlas_app.command("segment")
def atlas_segment(name: str, as_json: AsJson = False) -> None:
    """Muscles of both rami, skin, reflexes and neighbours of a segment, such as C6."""
    from myotome.report.atlas_text import segment_facts

    _print_facts(segment_facts, name, as_json)


@atlas_app.command("muscle")
def atlas_muscle(name: str, as_json: AsJson = False) -> None:
    """Supply, action, tendon, hazards and depths of a muscle."""
    from myotome.report.atlas_text import muscle_facts

    _print_facts(muscle_facts, name, as_json)


@atlas_app.command("condition")
def atlas_condition(name: str, as_json: AsJson = False) -> None:
    """Muscles blamed for a condition and levels to check; a teaching, unproven."""
    from myotome.report.atlas_text import condition_facts

    _print_facts(condition_facts, name, as_json)


def _print_facts(facts_of: Callable[[str], dict[str, Any]], name: str, as_json: bool) -> None:
    from myotome.report.atlas_text import print_facts

    facts = facts_of(name)
    if as_json:
        typer.echo(_as_json(facts))
    else:
        print_facts(facts)


def _roots_named(text: str | None) -> tuple[Root, ...] | None:
    """The roots of an option, in whatever order; None where none was given."""
    if text is None:
        return None
    from myotome.atlas import Root

    names = [name.strip() for name in text.split(",")]
    return () if names == ["none"] else tuple(Root.parse(name) for name in names)


def _worked_out(
    case_file: Path, week: float | None, roots: tuple[Root, ...] | None = None
) -> tuple[Case, Assessment, Screening, Plan]:
    """Case, assessment, screening and plan: what every command on a case builds on."""
    from myotome.case import read_case
    from myotome.examination import examine as examine_findings
    from myotome.treatment import plan as propose
    from myotome.treatment import screen

    case = read_case(case_file)
    assessment = examine_findings(case.examination(week))
    screening = screen(case.screen)
    return case, assessment, screening, propose(assessment, screening, roots=roots)


def _weeks_of(
    case: Case, assessment: Assessment, proposal: Plan, weeks: float
) -> tuple[Course, dict[str, Course]]:
    """The course with its bands, and the central course under every other explanation."""
    from myotome.simulation import BAND_DRAWS, RIVALS
    from myotome.simulation import simulate as run_weeks

    of_case = partial(run_weeks, case, assessment=assessment, proposal=proposal, weeks=weeks)
    with _progress("Weeks") as tell:
        course = of_case(draws=BAND_DRAWS, progress=tell)
    return course, {name: of_case(rival=name) for name in RIVALS if name != course.rival}


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr for work that a person would wait for; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _versions(assessment: Assessment) -> dict[str, str]:
    return {"myotome": _version(), **assessment.versions}


def _version() -> str:
    from myotome import __version__

    return __version__


def _as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _write_all(
    folder: Path,
    files: Mapping[str, str],
    writers: Mapping[str, Callable[[Path], None]] | None = None,
) -> None:
    """Write files so that each is there whole or not at all.

    Args:
        folder: Made if it is not there.
        files: Texts by file name.
        writers: What writes a file by itself, whole or not at all, by file name.

    Raises:
        CannotWrite: The folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            f"{folder}: must be a folder that can be written, got '{error.strerror}'."
            " Choose another with --out."
        ) from error
    for name, text in files.items():
        write_text_whole(folder / name, text)
    for name, write in (writers or {}).items():
        write(folder / name)


def _is_ours(word: str) -> bool:
    """Whether the first word after ``myotome`` is a command of this file."""
    groups = {group.name for group in app.registered_groups}
    commands = {item.callback.__name__ for item in app.registered_commands if item.callback}
    return word in groups | commands


def _add_commands_of_other_packages() -> None:
    """Looked up only for a word that is no command of ours, or for help: it costs time."""
    from importlib.metadata import entry_points

    for entry in entry_points(group="myotome.commands"):
        app.add_typer(entry.load(), name=entry.name)


def _collect_seldom() -> None:
    """Nearly all that a command makes lives as long as it does; a search for cycles finds none.

    Searching at every step, and once more before the end, takes a quarter of a short command.
    """
    gc.set_threshold(100_000, 10, 10)
    atexit.register(gc.freeze)


def main() -> None:
    """Run the command line; every error of ours becomes a message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter gets the rest
    if _is_ours(sys.argv[1] if sys.argv[1:] else ""):
        _collect_seldom()
    else:
        _add_commands_of_other_packages()
    try:
        app()
    except MyotomeError as error:
        for problem in getattr(error, "problems", (error,)):
            typer.echo(str(problem), err=True)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as end:
        # What hears Ctrl-C first is typer, which ends with this code and without a word.
        if isinstance(end, SystemExit) and end.code != _STOPPED:
            raise
        typer.echo("Stopped. Nothing was written by halves.", err=True)
        sys.exit(_STOPPED)


if __name__ == "__main__":
    main()
