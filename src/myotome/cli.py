"""The command line: each verb of the package for a person at a terminal, or for a script.

Every command prints for people and, with ``--json``, for programs. Exit codes: 0 done, 1 the
answer is no, 2 the input is wrong; then one message a problem on stderr says where, what came,
what was expected and how to mend it. Other packages add commands by the entry-point group
``myotome.commands``. Heavy rooms are imported inside the command that needs them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from myotome.errors import CannotWrite, InputError, MyotomeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from myotome.case import Case
    from myotome.examination import Assessment
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


@app.command()
def run(
    case_file: CaseFile,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    week: Week = None,
) -> None:
    """Do the main job on one case: a report for people and a summary for programs."""
    from myotome.report.case_report import case_report, summary

    case, assessment, screening, proposal = _worked_out(case_file, week)
    command = f"myotome run {case_file} --out {out}"
    command += "" if week is None else f" --week {week:g}"
    page = case_report(
        case, assessment, screening, proposal, versions=_versions(assessment), command=command
    )
    facts = summary(case, assessment, screening, proposal)
    facts["versions"] = _versions(assessment)
    _write_all(out, {"report.html": page, "summary.json": _as_json(facts)})
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
def plan(case_file: CaseFile, week: Week = None, as_json: AsJson = False) -> None:
    """Propose a plan for a case, with hazards, or say which question is missing."""
    _, _, _, proposal = _worked_out(case_file, week)
    if as_json:
        typer.echo(_as_json(proposal.to_dict()))
        return
    from myotome.report.plan_text import print_plan

    print_plan(proposal)


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

    case = read_case(case_file)
    remarks = check_case(case)
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


def _worked_out(case_file: Path, week: float | None) -> tuple[Case, Assessment, Screening, Plan]:
    """Case, assessment, screening and plan: what every command on a case builds on."""
    from myotome.case import read_case
    from myotome.examination import examine as examine_findings
    from myotome.treatment import plan as propose
    from myotome.treatment import screen

    case = read_case(case_file)
    assessment = examine_findings(case.examination(week))
    screening = screen(case.screen)
    return case, assessment, screening, propose(assessment, screening)


def _versions(assessment: Assessment) -> dict[str, str]:
    from myotome import __version__

    return {"myotome": __version__, **assessment.versions}


def _as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write files so that each is there whole or not at all.

    Raises:
        CannotWrite: The folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(temporary).chmod(0o644)
                Path(temporary).replace(folder / name)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CannotWrite(
            f"{folder}: must be a folder that can be written, got '{error.strerror}'."
            " Choose another with --out."
        ) from error


def _add_commands_of_other_packages() -> None:
    """Looked up only for a word that is no command of ours, or for help: it costs time."""
    own = {group.name or "" for group in app.registered_groups}
    own |= {command.callback.__name__ for command in app.registered_commands if command.callback}
    if sys.argv[1:2] and sys.argv[1] in own:
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group="myotome.commands"):
        app.add_typer(entry.load(), name=entry.name)


def main() -> None:
    """Run the command line; every error of ours becomes a message and exit code 2."""
    _add_commands_of_other_packages()
    try:
        app()
    except MyotomeError as error:
        for problem in getattr(error, "problems", (error,)):
            typer.echo(str(problem), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was written by halves.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
