"""Programs take turns, and one that cannot take part is left out with a word."""

import sys
from pathlib import Path

import peers
import pytest
from peers import Command, Unavailable
from rounds import Contestant, cold_start, compete
from turns import Work

MOMENT = Path(peers.__file__).parent

STEADY = """
import sys, time
sys.path.append({moment!r})
from turns import answer_turns, given_work
work = given_work()
def run():
    with open("turns.txt", "a") as log:
        log.write(work.program)
    print("a library prints as it likes")
    return 0.25, 7
answer_turns(run, version="1")
"""
FAILING = "raise SystemExit(1)"
STOPPING = 'import sys; print(\'{"version": "1"}\', flush=True); sys.stdin.readline()'


@pytest.fixture
def contestant(tmp_path):
    """Starts a small program under a name."""
    started = []

    def start(name, program=STEADY):
        script = tmp_path / f"{name}.py"
        script.write_text(program.replace("{moment!r}", repr(str(MOMENT))), encoding="utf-8")
        work = Work(name, "float64", 1, 1, 2000.0, 0.05, folder=str(tmp_path))
        command = Command(Path(sys.executable), script, tmp_path)
        started.append(Contestant(work, command, tmp_path / "complaints.log"))
        return started[-1]

    yield start
    for each in started:
        each.__exit__(None, None, None)


def _compete(contestants, rounds=2, turn_s=0.0):
    passed = []
    timings, failed = compete(
        contestants,
        rounds=rounds,
        turn_s=turn_s,
        after_round=lambda: passed.append(1),
        say=lambda _: None,
    )
    assert len(passed) == rounds
    return timings, failed


def test_programs_run_in_turn_and_not_each_by_itself(contestant, tmp_path):
    timings, failed = _compete([contestant("A"), contestant("B")])

    assert (tmp_path / "turns.txt").read_text(encoding="utf-8") == "ABAB"
    assert [timing.seconds for timing in timings] == [(0.25, 0.25)] * 2
    assert failed == {}


def test_no_place_on_a_machine_is_kept_with_the_results(contestant):
    timings, _ = _compete([contestant("A")], rounds=1)

    assert timings[0].work.folder == ""


def test_a_turn_repeats_a_short_run_and_gives_its_mean(contestant, tmp_path):
    timings, _ = _compete([contestant("A")], rounds=1, turn_s=0.9)

    assert (tmp_path / "turns.txt").read_text(encoding="utf-8") == "AAAA"
    assert timings[0].seconds == (0.25,)
    assert timings[0].spikes == 7
    assert timings[0].memory_mb > 1


@pytest.mark.parametrize("program", [FAILING, STOPPING])
def test_a_program_that_stops_is_left_out_with_a_word(contestant, program):
    timings, failed = _compete([contestant("A"), contestant("B", program)])

    assert [timing.work.program for timing in timings] == ["A"]
    assert failed == {"B": "silent"}


def test_a_cold_start_counts_from_the_start_of_the_process(tmp_path):
    script = tmp_path / "a.py"
    slow = "import time; time.sleep(0.3)\n" + STEADY
    script.write_text(slow.replace("{moment!r}", repr(str(MOMENT))), encoding="utf-8")
    work = Work("A", "float64", 1, 1, 1000.0, 0.05)

    seconds = cold_start(work, Command(Path(sys.executable), script, tmp_path), tmp_path / "log")

    assert 0.3 < seconds < 30


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """A machine with one folder of programs, empty at first."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    monkeypatch.setattr(peers, "BUILD", tmp_path / "build")
    monkeypatch.setenv("PATH", str(programs))

    def put(path, lines):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + lines, encoding="utf-8")
        path.chmod(0o755)

    return put, programs, tmp_path / "build"


@pytest.mark.parametrize("peer", ["NEURON", "CoreNEURON", "Brian2"])
def test_without_uv_a_peer_is_skipped_with_a_word(bare_machine, peer):
    del bare_machine

    with pytest.raises(Unavailable, match=r"^uvless$"):
        peers.command_of(peer)


def test_a_peer_that_cannot_be_installed_is_skipped_with_a_word(bare_machine):
    put, programs, _ = bare_machine
    put(programs / "uv", '[ "$1" = venv ]\n')  # makes an environment, installs nothing

    with pytest.raises(Unavailable, match=r"^uninstallable$"):
        peers.command_of("Brian2")


def test_mechanisms_that_do_not_compile_are_skipped_with_a_word(bare_machine):
    put, programs, build = bare_machine
    put(programs / "uv", "exit 0\n")
    put(build / "neuron" / "bin" / "nrnivmodl", "exit 2\n")

    with pytest.raises(Unavailable, match=r"^uncompilable$"):
        peers.command_of("NEURON")


def test_an_environment_is_made_once_until_its_requirements_change(bare_machine, monkeypatch):
    put, programs, build = bare_machine
    log = build.parent / "calls"
    put(programs / "uv", f'echo "$1" >> {log}\n')
    (build / "brian2").mkdir(parents=True)

    for _ in range(2):
        command = peers.command_of("Brian2")

    assert command.python == build / "brian2" / "bin" / "python"
    assert log.read_text(encoding="utf-8").split() == ["venv", "pip"]

    monkeypatch.setattr(peers, "_requirements", lambda _: MOMENT / "requirements" / "neuron.txt")
    peers.command_of("Brian2")

    assert log.read_text(encoding="utf-8").split() == ["venv", "pip"] * 2
