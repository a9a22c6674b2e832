"""The command line as a person or a script meets it: real processes, real files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from myotome.physiology.backend import kernels
from myotome.simulation import RIVALS

ROOT = Path(__file__).parents[2]
CASE = ROOT / "examples" / "fessler-c6-left.toml"
COMMAND = str(Path(sys.executable).parent / "myotome")

TENDER = """
[case]
format = 1
id = "short"

[[finding]]
sign = "tender_motor_point"
site = "infraspinatus"
side = "right"
grade = 2
"""


def myotome(
    *arguments: object, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", **(env or {})},
    )


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_run_writes_a_report_and_a_summary_and_prints_the_path(tmp_path: Path) -> None:
    out = tmp_path / "out"

    done = myotome("run", CASE, "--out", out)

    assert done.returncode == 0, done.stderr
    assert f"Report: {out / 'report.html'}" in done.stdout
    assert sorted(path.name for path in out.iterdir()) == [
        "course.nc",
        "report.html",
        "summary.json",
    ]
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["examination"]["roots"][0]["root"] == "C6-left"
    assert summary["plan"]["sites"]
    assert summary["versions"]["myotome"]


def test_running_twice_gives_the_same_files(tmp_path: Path) -> None:
    pages = []
    for _ in range(2):
        myotome("run", CASE, "--out", tmp_path / "out")
        pages.append((tmp_path / "out" / "report.html").read_bytes())

    assert pages[0] == pages[1]


def test_examine_gives_the_promised_keys() -> None:
    done = myotome("examine", CASE, "--json")

    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert {
        "roots", "no_root", "other", "explanations", "reasons", "rami", "muscles",
        "structures", "next_signs", "versions",
    } <= set(answer)  # fmt: skip
    assert set(answer["roots"][0]) >= {"root", "probability", "interval"}
    assert set(answer["reasons"][0]) >= {"root", "sign", "site", "side", "log_odds"}
    assert set(answer["next_signs"][0]) >= {"sign", "site", "side", "bits"}
    probabilities = [item["probability"] for item in answer["roots"]]
    assert len(probabilities) == 62
    assert probabilities == sorted(probabilities, reverse=True)


def test_examine_speaks_to_people_without_certainty() -> None:
    done = myotome("examine", CASE)

    words = " ".join(done.stdout.split())
    assert "C6 left fits best" in words
    assert "How often this is right in patients is not known." in words


def test_plan_gives_json_and_words() -> None:
    as_json, as_words = myotome("plan", CASE, "--json"), myotome("plan", CASE)

    proposal = json.loads(as_json.stdout)
    assert {"screening", "sites", "adjuncts", "home_programme", "missing"} <= set(proposal)
    assert "registered clinician" in as_words.stdout


def test_simulate_gives_a_course_in_words_json_and_a_file(tmp_path: Path) -> None:
    out = tmp_path / "out"

    words = myotome("simulate", CASE, "--draws", "2", "--weeks", "4", "--paths", "--out", out)
    as_json = myotome("simulate", CASE, "--draws", "2", "--weeks", "4", "--json")

    assert words.returncode == 0, words.stderr
    assert "Not a forecast for this person" in " ".join(words.stdout.split())
    assert sorted(path.name for path in out.iterdir()) == ["course.json", "course.nc"]
    assert json.loads(as_json.stdout) == json.loads((out / "course.json").read_text("utf-8"))


BAD_COURSES = {
    "no such explanation": (("--rival", "humours"), "segmental_root"),
    "no week": (("--weeks", "0"), "weeks"),
    "too many weeks": (("--weeks", "5000"), "weeks"),
    "no draw": (("--draws", "0"), "draws"),
    "a seed below 0": (("--seed", "-1"), "seed must be 0"),
    "more than the whole programme": (("--adherence", "1.5"), "adherence"),
}


@pytest.mark.parametrize("what", BAD_COURSES)
def test_a_course_that_cannot_be_is_refused(what: str) -> None:
    options, promised = BAD_COURSES[what]

    done = myotome("simulate", CASE, *options)

    assert done.returncode == 2, done.stdout
    assert promised in done.stderr
    assert "Traceback" not in done.stderr


def test_plan_and_weeks_are_for_the_roots_that_somebody_concluded() -> None:
    asked = myotome("plan", CASE, "--roots", "C8-left, T1-left", "--json")
    made = json.loads(asked.stdout)

    assert {root["root"] for root in made["roots"]} == {"C8-left", "T1-left"}
    assert made["conclusion"]["fitted"][0] == "C6-left"
    none = myotome("simulate", CASE, "--roots", "none")
    assert none.returncode == 2
    assert "the course of no root is not run" in none.stderr


def test_help_names_the_explanations_that_there_are() -> None:
    said = " ".join(myotome("simulate", "--help").stdout.replace("│", " ").split())

    assert all(name in said for name in RIVALS)


def test_shares_of_paths_are_those_of_the_explanation_asked_for() -> None:
    done = myotome("simulate", CASE, "--rival", "context_only", "--draws", "1", "--paths", "--json")

    assert abs(json.loads(done.stdout)["paths"]["effect"]) < 0.05


def test_a_terminal_without_a_letter_gets_the_rest() -> None:
    done = myotome("examine", CASE, env={"PYTHONIOENCODING": "ascii"})

    assert done.returncode == 0, done.stderr
    assert "C6" in done.stdout


@pytest.mark.parametrize("week", ["nan", "-1"])
def test_a_week_that_cannot_be_is_refused(week: str) -> None:
    done = myotome("examine", CASE, "--week", week)

    assert done.returncode == 2
    assert "week must be 0 or later" in done.stderr


@pytest.mark.validation
def test_landscape_says_where_it_rests_and_writes_its_page(tmp_path: Path) -> None:
    out = tmp_path / "out"

    done = myotome("landscape", CASE, "--out", out)

    assert done.returncode == 0, done.stderr
    assert "Not a forecast for this person" in " ".join(done.stdout.split())
    assert sorted(path.name for path in out.iterdir()) == ["landscape.html", "landscape.json"]
    assert json.loads((out / "landscape.json").read_text("utf-8"))["states"]


@pytest.mark.skipif(kernels() is None, reason="the compiled kernels are not there")
def test_moment_needles_a_muscle_of_the_case_and_of_the_same_in_health() -> None:
    done = myotome("moment", CASE, "--needle", "biceps_brachii", "--seconds", "10", "--json")

    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["needled"] == "Biceps brachii, left"
    rates = next(row for row in facts["muscles"] if row["name"] == facts["needled"])
    assert rates["discharge_hz"]["in_health"][0] < rates["discharge_hz"]["this_person"][0]


def test_a_moment_of_a_muscle_that_the_case_has_not_is_refused() -> None:
    done = myotome("moment", CASE, "--needle", "soleus")

    assert done.returncode == 2
    assert "No muscle in the moment of this case 'soleus'" in done.stderr


def test_validate_counts_by_role_and_leaves_no_miss_unreviewed(
    validated: tuple[list[dict[str, object]], int],
) -> None:
    found, code = validated

    assert code == 0, [row["id"] for row in found if not row["passed"] and not row["known_miss"]]
    assert {row["role"] for row in found} == {"fitted", "predicted", "regression"}


def test_an_unanswered_stop_question_shows_the_question_and_no_site(tmp_path: Path) -> None:
    done = myotome("plan", written(tmp_path, TENDER), "--json")

    proposal = json.loads(done.stdout)
    assert proposal["sites"] == []
    assert proposal["missing"]
    said = myotome("plan", written(tmp_path, TENDER)).stdout
    assert "Level of concern: not known yet." in said


def test_conclusion_title_and_notes_never_reach_the_inference(tmp_path: Path) -> None:
    told = TENDER.replace(
        'id = "short"',
        'id = "short"\ntitle = "S1 right"\nnotes = "It was S1."\nconcluded = ["S1-right"]\n'
        'basis = "surgery"\nsource = "S1"',
    )

    answers = []
    for name, text in (("a", TENDER), ("b", told)):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        answers.append(myotome("examine", path, "--json").stdout)

    assert answers[0] == answers[1]
    assert json.loads(answers[0])["roots"]


BAD = {
    "unknown muscle": (TENDER.replace("infraspinatus", "infraspinatis"), "Nearest: infraspinatus"),
    "unknown sign": (TENDER.replace("tender_motor_point", "tenderness"), "No sign 'tenderness'"),
    "a sign where it cannot be": (
        TENDER.replace("infraspinatus", "thumb"),
        "tender_motor_point must be recorded at a muscle",
    ),
    "a level that is missing": (
        TENDER.replace("tender_motor_point", "tender_paraspinal").replace(
            "infraspinatus", "multifidus_lumborum"
        ),
        "L1, L2, L3, L4, L5, sacrum",
    ),
    "a side that is missing": (TENDER.replace('side = "right"\n', ""), "left or right"),
    "a grade out of range": (TENDER.replace("grade = 2", "grade = 7"), "got 7"),
    "a value without unit": (
        TENDER.replace("tender_motor_point", "weakness").replace("grade = 2", "value = 4"),
        "unit",
    ),
    "a value out of range": (
        TENDER.replace("tender_motor_point", "weakness").replace(
            "grade = 2", 'value = 9\nunit = "mrc"'
        ),
        "between 0 and 5",
    ),
    "the same finding twice": (
        TENDER + TENDER.split("\n\n", 1)[1].replace("grade = 2", "grade = 0"),
        "given twice",
    ),
    "an unknown format": (TENDER.replace("format = 1", "format = 2"), "newer"),
    "text that is no TOML": (TENDER + "grade = = 2\n", "line"),
    "a negative week": (TENDER + "week = -1\n", "week must be 0 or later"),
    "a height in centimetres": (TENDER + "\n[person]\nheight_m = 170\n", "Write 1.70 for 170 cm"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_with_place_and_remedy(what: str, tmp_path: Path) -> None:
    text, promised = BAD[what]
    out = tmp_path / "out"

    done = myotome("run", written(tmp_path, text), "--out", out)

    assert done.returncode == 2, done.stdout
    assert promised in done.stderr
    assert str(tmp_path / "case.toml") in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_file_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b"#" * 10_000_000)

    done = myotome("run", path, "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "at most 1 MB" in done.stderr


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(TENDER.encode() + b'\n[history]\nactivity = "caf\xe9"\n')

    done = myotome("run", path, "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "UTF-8" in done.stderr


def test_a_folder_that_cannot_be_written_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    blocking = tmp_path / "file"
    blocking.write_text("in the way", encoding="utf-8")

    done = myotome("run", CASE, "--out", blocking / "out")

    assert done.returncode == 2
    assert "must be a folder that can be written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_new_case_can_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "fresh.toml"

    made, checked = myotome("case", "new", path, "--title", "Elbow"), myotome("case", "check", path)

    assert made.returncode == 0
    assert "fresh" in checked.stdout
    assert checked.returncode == 1  # it has no source and no findings yet, and says so
    assert "No findings" in checked.stdout


def test_a_new_case_replaces_nothing_unless_told(tmp_path: Path) -> None:
    path = written(tmp_path, TENDER)

    done = myotome("case", "new", path)

    assert done.returncode == 2
    assert "--force" in done.stderr
    assert path.read_text(encoding="utf-8") == TENDER


@pytest.mark.parametrize(
    ("kind", "name"),
    [("segment", "C6"), ("muscle", "infraspinatus"), ("condition", "lateral_epicondylalgia")],
)
def test_the_atlas_answers_people_and_programs(kind: str, name: str) -> None:
    words, facts = myotome("atlas", kind, name), myotome("atlas", kind, name, "--json")

    assert words.returncode == 0
    assert words.stdout
    assert json.loads(facts.stdout)


def test_an_unknown_muscle_offers_the_nearest() -> None:
    done = myotome("atlas", "muscle", "infraspinatis")

    assert done.returncode == 2
    assert "infraspinatus" in done.stderr


def test_long_work_shows_how_far_it_is_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    program = """
        import signal, sys
        from myotome.cli import main
        signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's "&" takes away
        main()
    """
    arguments = ("simulate", str(CASE), "--fidelity", "spiking", "--out", str(tmp_path / "out"))
    terminal, end = os.openpty()
    place = {**os.environ, "TERM": "xterm", "MYOTOME_CACHE": str(tmp_path / "cache")}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *arguments],
        stdout=subprocess.DEVNULL, stderr=end, env=place,
    ) as process:  # fmt: skip
        os.close(end)
        shown = os.read(terminal, 4096)
        while b"Weeks" not in shown:
            shown += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # a terminal that nobody writes to any more
            while more := os.read(terminal, 4096):
                shown += more
        os.close(terminal)

    assert process.returncode == 130
    assert b"Stopped. Nothing was written by halves." in shown
    assert not list(tmp_path.iterdir())
