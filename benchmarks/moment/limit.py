"""Limit: what the processor could do at most, beside what the kernel asks of it.

Gives how many vector instructions a core issues in a second, measured by a small program of our
own, and how many of them the kernel needs for sixteen cells and one step, counted in its assembly.
Their quotient is a speed that no rewriting of the kernel can pass as long as it does the same work
with the same instructions.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PHYSIOLOGY = ROOT / "src" / "myotome" / "physiology"
_LABEL = re.compile(r"^(\.L\w+|\w+):")
_JUMP = re.compile(r"^\s+j\w+\s+(\.L\w+)")
_FEWEST = 40  # a kernel with fewer in its loop was not turned into vectors
_INSTRUCTION = re.compile(r"^\s+([a-z]\w*)(.*)")


@dataclass(frozen=True)
class Issued:
    """Vector instructions of one core in a second, of two mixes."""

    lanes: int
    fused: float  # multiplication with addition, and addition, by turns
    separate: float  # multiplication and addition by turns, as in a kernel without contraction


@dataclass(frozen=True)
class Counted:
    """Vector instructions of the kernel for sixteen cells and one step."""

    arithmetic: int
    moves: int  # loads, stores and copies, which do not compete with arithmetic for its ports


class IssueLimit:
    """The small program, compiled for this processor."""

    def __init__(self, folder: Path) -> None:
        self._program = folder / "issue_limit"
        folder.mkdir(parents=True, exist_ok=True)
        command = [compiler(), "-O2", "-march=native", str(HERE / "issue_limit.cpp")]
        subprocess.run([*command, "-o", str(self._program)], check=True)

    def measure(self) -> Issued:
        """What a core issues now."""
        done = subprocess.run([str(self._program)], check=True, capture_output=True, text=True)
        lanes, fused, separate = done.stdout.split()
        return Issued(int(lanes), float(fused), float(separate))


def kernel_instructions() -> Counted:
    """Those of the kernel that is compared, in float32 and vectors of sixteen.

    Raises:
        ValueError: The kernel is not to be found, or not in vectors of sixteen.
    """
    command = [compiler(), "-std=c++17", *flags_of_the_build(), "-S", "-o", "-"]
    command += ["-I", str(PHYSIOLOGY), str(HERE / "counted_kernel.cpp")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    counted = instructions_of_loop(_function(done.stdout))
    if counted.arithmetic < _FEWEST:
        raise ValueError(
            f"The kernel's loop must hold at least {_FEWEST} vector instructions,"
            f" got {counted.arithmetic}."
        )
    return counted


def flags_of_the_build() -> list[str]:
    """Flags of the kernels with the widest vectors, as the package's own build has them."""
    build = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    arithmetic = re.search(r"set\(arithmetic (-O[^)]*)\)", build)
    widest = re.search(r"add_kernels\(x86_64_v4 ([^)]*)\)", build)
    if arithmetic is None or widest is None:
        raise ValueError("CMakeLists.txt must name the flags of the kernels, found none.")
    return [*arithmetic.group(1).split(), *widest.group(1).split()]


def _function(assembly: str) -> str:
    """The kernel in float32; names are as C++ compilers of Unix write them."""
    start = re.search(r"^_ZN\w*advance_cellsIf\w*:$", assembly, re.MULTILINE)
    if start is None:
        raise ValueError("The assembly must hold the kernel, found none.")
    end = assembly.find(".cfi_endproc", start.start())
    return assembly[start.start() : end]


def compiler() -> str:
    """The C++ compiler of this machine.

    Raises:
        FileNotFoundError: There is none.
    """
    for name in ("c++", "g++", "clang++"):
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("The issue limit needs a C++ compiler; none was found.")


def instructions_of_loop(assembly: str) -> Counted:
    """Vector instructions in the innermost loop that holds most of them.

    Args:
        assembly: One function, as the compiler writes it.
    """
    lines = assembly.splitlines()
    found = [_vector_instructions(lines[a:b]) for a, b in _innermost_loops(lines)]
    return max(found, key=lambda counted: counted.arithmetic, default=Counted(0, 0))


def _innermost_loops(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First and last line of each loop that holds no other loop."""
    places = {}
    for number, line in enumerate(lines):
        label = _LABEL.match(line)
        if label:
            places[label.group(1)] = number
    loops = []
    for number, line in enumerate(lines):
        jump = _JUMP.match(line)
        if jump and places.get(jump.group(1), number) < number:
            loops.append((places[jump.group(1)], number + 1))
    for first, last in loops:
        if not any(first <= a and b <= last and (a, b) != (first, last) for a, b in loops):
            yield first, last


def _vector_instructions(lines: list[str]) -> Counted:
    arithmetic = moves = 0
    for line in lines:
        found = _INSTRUCTION.match(line)
        if found and re.search(r"%zmm\d", found.group(2)):
            is_move = re.match(r"v?mov[aud]", found.group(1)) is not None
            moves += is_move
            arithmetic += not is_move
    return Counted(arithmetic, moves)
