"""What the clinic's benchmarks share: an engine in a process of its own, one table at the end.

A figure is judged where it is measured and written on a line of its own; the table is printed from
these lines. A busy machine misses targets, so that no miss makes the exit status other than 0.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LIST = "MYOTOME_VERDICTS"  # where a run of several benchmarks collects the lines of all


def judged(engine: str, what: str, figure: float, at_most: float, unit: str = "") -> None:
    """Keep for the table whether a figure is met."""
    if name := os.environ.get(LIST):
        word = "MET" if figure <= at_most else "NOT MET"
        told = f"{f'{figure:.2f}' if figure < 10 else f'{figure:.0f}'}{unit}"
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{engine:10}  {what:62} {told:>9}  at most {at_most:g}{unit}: {word}\n")


def _print(file: Path) -> None:
    lines = file.read_text(encoding="utf-8") if file.exists() else ""
    print(f"\nTargets\n{lines}", end="", flush=True)


def on_each_engine(script: str, *more: str, is_durable: bool = False) -> None:
    """A benchmark on SQLite, and on a private PostgreSQL where there is one."""
    _again(script, "", more)
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "clinic"))
    import databases  # noqa: PLC0415 - beside the tests, which are no package

    if databases.programs() is None:
        print("postgresql no PostgreSQL on this machine, not measured")
        return
    cluster = databases.Cluster(is_durable=is_durable)
    try:
        _again(script, cluster.address("postgres"), more)
    finally:
        cluster.stop()


def _again(script: str, database: str, more: tuple[str, ...]) -> None:
    """The script in a process of its own, since Django serves one place in a process."""
    subprocess.run([sys.executable, script, "--database", database, *more], check=True)


def main() -> None:
    """Run the benchmarks that are named, one after the other, and print one table of all."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "verdicts"
        environment = os.environ | {LIST: str(file)}
        for name in sys.argv[1:]:
            ended = subprocess.run([sys.executable, name], check=False, env=environment)
            if ended.returncode:
                with file.open("a", encoding="utf-8") as lines:
                    lines.write(f"{name} broke off with {ended.returncode}: NOT MET\n")
        _print(file)


if __name__ == "__main__":
    main()
