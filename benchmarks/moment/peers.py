"""Peers: makes the environment of each program that ours is compared with.

Gives a command that starts the program, or one word why it takes no part. Each peer lives in an
environment of its own under `build/peers/`, pinned by a file in `requirements/`, and is made once:
a stamp of what it was made from decides whether it is made again. NEURON's mechanisms are compiled
twice, without and with CoreNEURON, for this processor and at the compiler's highest level, which
is more than its users commonly ask for and 5 to 15 % faster than its default.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "peers"
MECHANISMS = HERE / "mechanisms"
COMPILED_FOR = "-O3 -march=native"


class Unavailable(Exception):  # noqa: N818 - named for the event
    """A peer that takes no part, and one word why."""


@dataclass(frozen=True)
class Command:
    """How a program is started: its interpreter, its script and the folder it runs in."""

    python: Path
    script: Path
    folder: Path


def command_of(program: str) -> Command:
    """The command of one peer, its environment made if need be.

    Raises:
        Unavailable: It cannot be installed or compiled here.
    """
    if program == "Brian2":
        return Command(_environment("brian2"), HERE / "brian2_pool.py", BUILD)
    python = _environment("neuron")
    folder = _mechanisms(python, core=program == "CoreNEURON")
    return Command(python, HERE / "neuron_pool.py", folder)


def _environment(name: str) -> Path:
    """The interpreter of one environment."""
    requirements = _requirements(name)
    place = BUILD / name
    python = place / "bin" / "python"
    stamp = _stamp([requirements], sys.version)
    if _is_made(place, stamp):
        return python
    uv = shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        raise Unavailable("uvless")
    making = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)]
    filling = [uv, "pip", "install", "--system-certs", "--quiet", "--python", str(python)]
    for step in (making, [*filling, "--requirements", str(requirements)]):
        if subprocess.run(step, check=False, capture_output=True).returncode:
            raise Unavailable("uninstallable")
    _mark(place, stamp)
    return python


def _mechanisms(python: Path, *, core: bool) -> Path:
    """The folder of the compiled mechanisms, where NEURON finds them by itself."""
    place = BUILD / ("mechanisms-core" if core else "mechanisms")
    sources = sorted(MECHANISMS.glob("*.mod"))
    stamp = _stamp([*sources, _requirements("neuron")], sys.version, COMPILED_FOR)
    if _is_made(place, stamp):
        return place
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    compiling = [str(python.parent / "nrnivmodl"), *(["-coreneuron"] if core else [])]
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*compiling, "-incflags", COMPILED_FOR, str(MECHANISMS)],
        cwd=place,
        env={**os.environ, "PATH": path},
        check=False,
        capture_output=True,
    )
    if done.returncode:
        raise Unavailable("uncompilable")
    _mark(place, stamp)
    return place


def _requirements(name: str) -> Path:
    return HERE / "requirements" / f"{name}.txt"


def _stamp(files: list[Path], *more: str) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.read_bytes())
    for text in more:
        whole.update(text.encode())
    return whole.hexdigest()


def _is_made(place: Path, stamp: str) -> bool:
    made = place / ".made-from"
    return made.exists() and made.read_text(encoding="utf-8") == stamp


def _mark(place: Path, stamp: str) -> None:
    (place / ".made-from").write_text(stamp, encoding="utf-8")
