"""Rounds: runs programs in turn, so that their ratios are taken at nearly the same moment.

Receives programs and works; gives timings. All programs of a group are started and build their
models first; then in each round each has one turn, one after another, while the others sleep on
their input. What slows the machine for a while slows neighbours alike and leaves their ratio.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from peers import Command
from results import Timing
from turns import Work


class Silent(Exception):  # noqa: N818 - named for the event
    """A program that stopped without an answer."""


class Contestant:
    """One program as a process that waits for its turns."""

    def __init__(self, work: Work, command: Command, complaints: Path) -> None:
        self.work = work
        self._command, self._complaints = command, complaints
        self._started_at = 0.0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for channel in (self._process.stdin, self._process.stdout):
            if channel:
                channel.close()

    def start(self) -> tuple[str, float]:
        """Its version, and the seconds until its model was built.

        Raises:
            Silent: It stopped before it was ready.
        """
        self._started_at = time.perf_counter()
        self._complaints.parent.mkdir(parents=True, exist_ok=True)
        with self._complaints.open("ab") as errors:
            self._process = subprocess.Popen(
                [str(self._command.python), str(self._command.script), self.work.as_text()],
                cwd=self._command.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
            )
        version = str(self._answer()["version"])
        return version, self.age

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.perf_counter() - self._started_at

    def turn(self, seconds: float) -> dict[str, Any]:
        """One turn of at least so many seconds.

        Raises:
            Silent: It stopped without an answer.
        """
        if self._process is None or self._process.stdin is None:
            raise Silent(self.work.program)
        try:
            self._process.stdin.write(f"{seconds}\n")
        except OSError as stopped:
            raise Silent(self.work.program) from stopped
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        answers = self._process.stdout if self._process else None
        line = answers.readline() if answers else ""
        if not line:
            raise Silent(self.work.program)
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclass
class _Record:
    version: str
    ready_s: float
    seconds: list[float] = field(default_factory=list)
    spikes: int = 0
    memory_mb: float = 0.0


def compete(
    contestants: Iterable[Contestant],
    *,
    rounds: int,
    turn_s: float,
    after_round: Callable[[], None],
    say: Callable[[str], None],
) -> tuple[list[Timing], dict[str, str]]:
    """Timings of those that answered, and one word on those that did not.

    Args:
        contestants: Started here, one after another.
        rounds: Turns of each.
        turn_s: The least length of a turn.
        after_round: Called when all have had their turn.
        say: Told what is being done.
    """
    records: dict[Contestant, _Record] = {}
    failed = {}
    for contestant in contestants:
        say(f"building {contestant.work.program}, {contestant.work.precision}")
        try:
            records[contestant] = _Record(*contestant.start())
        except Silent:
            failed[contestant.work.program] = "silent"
    for number in range(rounds):
        for contestant, record in list(records.items()):
            say(f"round {number + 1} of {rounds}: {contestant.work.program}")
            try:
                answer = contestant.turn(turn_s)
            except Silent:
                failed[contestant.work.program] = "silent"
                del records[contestant]
                continue
            record.seconds.append(answer["seconds"])
            record.spikes, record.memory_mb = answer["spikes"], answer["memory_mb"]
        after_round()
    timings = [
        Timing(
            replace(contestant.work, folder=""),  # a place on this machine is no result
            record.version,
            tuple(record.seconds),
            record.spikes,
            record.memory_mb,
            record.ready_s,
        )
        for contestant, record in records.items()
    ]
    return timings, failed


def cold_start(work: Work, command: Command, complaints: Path) -> float:
    """Seconds from the start of a fresh process to the end of its first run.

    Raises:
        Silent: It stopped without an answer.
    """
    with Contestant(work, command, complaints) as contestant:
        contestant.start()
        contestant.turn(0)
        return contestant.age
