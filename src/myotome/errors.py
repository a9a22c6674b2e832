"""What can go wrong, in one small tree.

    MyotomeError
    ├── InputError          something given from outside is wrong; exit code 2
    │   └── UnknownName     a name that no table holds; carries the nearest names
    └── CannotWrite         a place that cannot be written; exit code 2

A message says what must be and what came, then how to mend it. Files and places inside them
are added by the layer that knows them, so that a rule need not know where its value came from.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class MyotomeError(Exception):
    """The root of every error this package raises on purpose."""


class InputError(MyotomeError):
    """A value from outside that cannot be used.

    Args:
        message: Name, what it must be with its unit, and what came.
        place: Where in the input, such as ``finding[3].grade``.
        file: The file it came from.
    """

    def __init__(self, message: str, *, place: str = "", file: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.file = file

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.message) if part)

    def at(self, place: str) -> InputError:
        """The same error, its place prefixed by `place`."""
        self.place = f"{place}.{self.place}" if self.place else place
        return self

    def in_file(self, file: str) -> InputError:
        """The same error, its file named."""
        self.file = file
        return self


class UnknownName(InputError):  # noqa: N818 - named for the event
    """A name that no table holds."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> None:
        self.nearest = nearest_names(name, known)
        offer = f" Nearest: {', '.join(self.nearest)}." if self.nearest else ""
        super().__init__(f"No {kind} '{name}'.{offer}{' ' + hint if hint else ''}")


class CannotWrite(MyotomeError):  # noqa: N818 - named for the event
    """A folder or file that cannot be written."""


def nearest_names(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Up to `count` known names that look most like `name`, best first.

    >>> nearest_names("infraspinatis", ["infraspinatus", "supraspinatus", "soleus"])
    ('infraspinatus', 'supraspinatus')
    """
    return tuple(difflib.get_close_matches(name.lower(), sorted(known), n=count, cutoff=0.6))
