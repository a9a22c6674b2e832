"""Promises: what `make bench` measured beside what was promised of speed, in one table at its end.

Each script hands its lines over here, in a file of its own under `build/promises/`; run by itself
this prints all of them as MET or NOT MET, says what was not measured and why, and fails if one is
not met. *Reach* is what must at least come out, *aim* is what was hoped for. On a busy machine a
time may miss where a quiet one meets it: the load stands above the table.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "build" / "promises"
SCRIPTS = ("examination", "course", "moment")
# What was promised and is not measured by any script, and why.
UNMEASURED: dict[str, str] = {}


@dataclass(frozen=True)
class Line:
    """One promise and what was measured of it."""

    what: str
    measured: float
    reach: float
    aim: float
    unit: str
    fewer_is_better: bool = True

    @property
    def reached(self) -> bool:
        """Whether at least what must come out came out; what is no number did not."""
        if self.fewer_is_better:
            return self.measured <= self.reach
        return self.measured >= self.reach

    @property
    def hoped(self) -> bool:
        """Whether what was hoped for came out."""
        better = self.measured <= self.aim if self.fewer_is_better else self.measured >= self.aim
        return self.reached and better

    @property
    def word(self) -> str:
        """Where it stands."""
        return "MET, aim too" if self.hoped else "MET" if self.reached else "NOT MET"


def keep(script: str, lines: Iterable[Line], folder: Path = FOLDER) -> None:
    """Hand over what a script measured."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [asdict(line) for line in lines]
    (folder / f"{script}.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


def kept(folder: Path = FOLDER) -> dict[str, list[Line]]:
    """What each script handed over; those that did not are left out."""
    files = {script: folder / f"{script}.json" for script in SCRIPTS}
    return {
        script: [Line(**told) for told in json.loads(file.read_text(encoding="utf-8"))]
        for script, file in files.items()
        if file.exists()
    }


def table(found: dict[str, list[Line]]) -> str:
    """All promises, one a line, and what was not measured."""
    lines = [line for of_script in found.values() for line in of_script]
    width = max((len(line.what) for line in lines), default=0)
    drawn = [
        f"{line.what:<{width}}  {line.measured:>9.4g} {line.unit:<12} reach {line.reach:g},"
        f" aim {line.aim:g}: {line.word}"
        for line in lines
    ]
    drawn += [f"not measured: {what} ({why})" for what, why in UNMEASURED.items()]
    drawn += [f"not measured: {script}.py" for script in SCRIPTS if script not in found]
    missed = sum(not line.reached for line in lines)
    drawn.append(f"{len(lines) - missed} of {len(lines)} promises met, {missed} not met")
    return "\n".join(drawn)


def main(folder: Path = FOLDER) -> int:
    """Print the table; 1 if a promise is not met or a script handed nothing over."""
    found = kept(folder)
    print(f"\nEvery promise of speed; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(table(found))
    met = all(line.reached for lines in found.values() for line in lines)
    return int(not met or len(found) < len(SCRIPTS))


if __name__ == "__main__":
    sys.exit(main())
