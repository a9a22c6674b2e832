"""Writing: a case goes back to a file whole or not at all, and reads back as the same case.

A case that was read and not changed is written as the very text it came from. A changed one
keeps the comments and the order of its file where they still apply.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from myotome.case.case import Case
from myotome.case.reading import parse_case
from myotome.case.toml import document_text, merged_text
from myotome.errors import CannotWrite


def case_text(case: Case) -> str:
    """The text of a file that reads back as this case.

    Raises:
        InputError: The case was made in code and could not be read back; see `parse_case`.
    """
    if case.text:
        read = parse_case(case.text)
        if read == case:
            return case.text
        kept = merged_text(case.text, read.to_document(), case.to_document())
        # Layouts that tomlkit cannot change rightly, such as a section split by another one,
        # show here and are written anew.
        with contextlib.suppress(Exception):
            if parse_case(kept) == case:
                return kept
    text = document_text(case.to_document())
    parse_case(text)
    return text


def write_case(case: Case, path: str | Path) -> None:
    """Write a case to a file: all of it, or nothing.

    Raises:
        InputError: The case could not be read back; nothing is written.
        CannotWrite: The place cannot be written; what was there stays as it was.
    """
    write_text(case_text(case), path)


def write_text(text: str, path: str | Path) -> None:
    """Write a text to a file by way of a new file beside it, so that it is never half there.

    Raises:
        CannotWrite: The place cannot be written; what was there stays as it was.
    """
    place = Path(path)
    if place.is_dir():
        raise CannotWrite(f"{path}: a case must be a file, got a folder. Name a file in it.")
    if not place.parent.is_dir():
        raise CannotWrite(f"{path}: there is no folder '{place.parent}'. Make it first.")
    # A link stays a link: the file it points at is replaced.
    target = place.resolve()
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        _write_new(beside, text.encode("utf-8"), target)
        beside.replace(target)
    except UnicodeEncodeError:
        raise CannotWrite(f"{path}: the case holds characters that are not text.") from None
    except OSError as error:
        raise CannotWrite(
            f"{path}: cannot be written: {error.strerror or error}. Name another place."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _write_new(path: Path, content: bytes, like: Path) -> None:
    """Write a file that was not there, with the permissions of `like` where that exists."""
    mode = like.stat().st_mode & 0o777 if like.exists() else 0o666
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:  # noqa: PTH123 - the flags forbid to follow or reuse a file
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
