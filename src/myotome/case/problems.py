"""Problems: gathers everything that is wrong with a file, so that it is mended in one go.

    InputError
    └── CaseErrors      several problems of one file; each is an `InputError` of its own

One problem alone is raised as itself, so that an unknown name stays an `UnknownName`.
"""

from __future__ import annotations

from typing import Any, Final

from myotome.errors import InputError

# More are not read by anyone, and looking up near names for each would take minutes.
MOST: Final = 40

# Above any number that a case can hold, and below what a float holds exactly.
_LARGEST: Final = 1e12
_LONGEST_SHOWN: Final = 60


class CaseErrors(InputError):  # noqa: N818 - it is several errors, not one
    """Several problems of one case file, printed one a line.

    Args:
        problems: Each with its place.
        file: The file they stand in.
        stopped: Whether reading stopped before the end of the file.
    """

    def __init__(
        self, problems: tuple[InputError, ...], *, file: str = "", stopped: bool = False
    ) -> None:
        super().__init__(f"{len(problems)} problems.", file=file)
        self.problems = problems
        self.stopped = stopped
        self.in_file(file)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        more = [f"Stopped after {len(lines)} problems; there may be more."] if self.stopped else []
        return "\n".join([*lines, *more])

    def at(self, place: str) -> CaseErrors:
        """The same errors, each place prefixed by `place`."""
        for problem in self.problems:
            problem.at(place)
        return self

    def in_file(self, file: str) -> CaseErrors:
        """The same errors, their file named."""
        self.file = file
        for problem in self.problems:
            problem.in_file(file)
        return self


class Problems:
    """Collects problems while a file is read, and raises them at the end."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self._found: list[InputError] = []

    def add(self, problem: InputError) -> None:
        """Note a problem; too many end the reading.

        Raises:
            CaseErrors: The file has too many problems to go on.
        """
        self._found += problem.problems if isinstance(problem, CaseErrors) else (problem,)
        if len(self._found) >= MOST:
            raise CaseErrors(tuple(self._found[:MOST]), file=self.file, stopped=True)

    def raise_if_any(self) -> None:
        """Raise what was found, if anything.

        Raises:
            InputError: The only problem.
            CaseErrors: All of them, if several.
        """
        if len(self._found) == 1:
            raise self._found[0].in_file(self.file)
        if self._found:
            raise CaseErrors(tuple(self._found), file=self.file)


def shown(value: Any) -> str:  # noqa: ANN401 - any value that TOML can hold
    """A value as a message shows it: short, in the file's own spelling.

    >>> shown(True), shown(170), shown("x"), shown([1])
    ('true', '170', "'x'", 'a list')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _short(value)
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= _LONGEST_SHOWN else f"'{value[:_LONGEST_SHOWN]}...'"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else f"the date or time {value}"


def _short(value: float) -> str:
    if value > _LARGEST:
        return "a very large number"
    return "a very small number" if value < -_LARGEST else f"{value:.12g}"
