"""Reading: turns the text of a case file into a checked `Case`.

The file is TOML, UTF-8, at most one megabyte. Keys, types and plausible ranges are checked at the
`door`; anatomy and signs where they are known, by the atlas and by `finding`. Every problem is
named with its place. Older formats are read; a newer one is refused before anything else, since
what follows may mean something unknown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from myotome.case.case import FORMAT, Case
from myotome.case.problems import shown
from myotome.errors import InputError, nearest_names
from myotome.examination.finding import check_consistent

SIZE_LIMIT_BYTES: Final = 1_000_000

_TOML_LINE: Final = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column \d+\)$", re.DOTALL)


def read_case(path: str | Path) -> Case:
    """The case in a file.

    Raises:
        InputError: The file is missing, too large, not UTF-8, not TOML, or something in it cannot
            be; `CaseErrors` where several things are wrong. File and place are named.
    """
    file = str(path)
    try:
        content = _read_bytes(Path(path))
    except InputError as error:
        raise error.in_file(file) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the case file cannot be read: {why}.", file=file) from None
    return parse_case(_decoded(content, file), file)


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"a case must be a file, got a folder.{_offer(path.glob('*.toml'))}")
    if not path.exists():
        near = nearest_names(path.name, [other.name for other in path.parent.glob("*.toml")])
        offer = f" Nearest in that folder: {', '.join(near)}." if near else ""
        raise InputError(f"there is no such file.{offer} Check the path.")
    if not path.is_file():
        raise InputError("a case must be an ordinary file, got a device or pipe.")
    size = path.stat().st_size
    if size > SIZE_LIMIT_BYTES:
        _refuse_size(size)
    with path.open("rb") as opened:
        content = opened.read(SIZE_LIMIT_BYTES + 1)
    if len(content) > SIZE_LIMIT_BYTES:
        _refuse_size(len(content))
    return content


def _refuse_size(size: int) -> None:
    raise InputError(
        f"a case file must be at most {SIZE_LIMIT_BYTES / 1e6:g} MB, got {size / 1e6:.1f} MB."
        " It was not read. Is it another file?"
    )


def _offer(files: Iterator[Path]) -> str:
    names = sorted(file.name for file in files)[:3]
    return f" Name a file in it, such as {', '.join(names)}." if names else " Name a .toml file."


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"the file must be UTF-8 text, got byte 0x{content[error.start]:02x} at offset"
            f" {error.start}. Save it as UTF-8.",
            place=f"line {line}",
            file=file,
        ) from None


def parse_case(text: str, file: str = "") -> Case:
    r"""The case in a text.

    Args:
        text: The content of a case file.
        file: Where it came from, for messages.

    Raises:
        InputError: As for `read_case`.

    >>> parse_case('[case]\nformat = 1\nid = "short"').id
    'short'
    """
    from myotome.case.door import admitted  # noqa: PLC0415 - pydantic, which only reading needs

    document = _document(text, file)
    _refuse_newer(document, file)
    read = admitted(document, file)
    try:
        check_consistent(read.finding)
    except InputError as error:
        raise error.in_file(file) from None
    header = read.case
    return Case(
        id=header.id,
        title=header.title,
        source=header.source,
        notes=header.notes,
        concluded=tuple(header.concluded),
        basis=header.basis,
        person=read.person,
        history=read.history,
        screen=tuple(read.screen),
        findings=tuple(read.finding),
        treatments=tuple(read.treatment),
        outcomes=tuple(read.outcome),
        assumed=tuple(read.assumed),
        text=text,
    )


# The file as a whole


def _document(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.match(str(error))
        lines = text.rstrip().split("\n")
        number = min(int(found["line"]) if found else len(lines), len(lines))
        what = found["what"] if found else str(error)
        raise InputError(
            f"the line must be TOML, got {shown(lines[number - 1].strip())} ({what})."
            " Write name = value, text in quotes.",
            place=f"line {number}",
            file=file,
        ) from None
    except (RecursionError, ValueError) as error:
        what = "lists nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(
            f"the file must be TOML that can be read, got {what}.", file=file
        ) from None


def _refuse_newer(document: dict[str, Any], file: str) -> None:
    """Refuse a newer format before anything else; what follows may be right in that format."""
    if not isinstance(document.get("case"), dict):
        document["case"] = {}  # so that what must stand there is asked for
    found = document["case"].get("format")
    if isinstance(found, int) and found > FORMAT:
        raise InputError(
            f"format must be {FORMAT}, got {shown(found)}, which is newer than this version of"
            " Myotome reads. Update Myotome to read the file.",
            place="case.format",
            file=file,
        )
