"""Whole file: a file is written whole or not at all, and what was there before stays until then.

Receives a place and something that writes a file; the new content is made beside the place under
a hidden name, forced to the disk, and takes the old one's name in a single step. A crash in
between leaves the old file and, at worst, the hidden one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from myotome.errors import CannotWrite

_LONGEST_NAME: Final = 100


def write_whole(path: str | Path, write: Callable[[Path], None], *, what: str = "result") -> None:
    """Make the file at `path` by calling `write` with the place of an empty one beside it.

    A link stays a link: the file it points at is replaced. Permissions stay as they were.

    Args:
        path: Where the file is to stand.
        write: Fills the file whose place it is given.
        what: What the file is, for messages.

    Raises:
        CannotWrite: The place cannot be written; what was there stays as it was.
    """
    place = Path(path)
    if place.is_dir():
        raise CannotWrite(f"{path}: a {what} must be a file, got a folder. Name a file in it.")
    if not place.parent.is_dir():
        raise CannotWrite(f"{path}: there is no folder '{place.parent}'. Make it first.")
    target = place.resolve()
    beside = target.with_name(
        f".{target.stem[:_LONGEST_NAME]}.{secrets.token_hex(6)}{target.suffix[:_LONGEST_NAME]}"
    )
    try:
        _make_empty(beside, like=target)
        write(beside)
        _force_to_disk(beside)
        beside.replace(target)
    except OSError as error:
        raise CannotWrite(
            f"{path}: cannot be written: {error.strerror or error}. Name another place."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def write_text_whole(path: str | Path, text: str, *, what: str = "result") -> None:
    """Write a text so that it is never half there.

    Raises:
        CannotWrite: The place cannot be written, or the text holds characters that are no text.
    """
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        raise CannotWrite(f"{path}: the {what} holds characters that are not text.") from None
    write_whole(path, lambda beside: _fill(beside, content), what=what)


def _make_empty(path: Path, like: Path) -> None:
    """Make a file that was not there, with the permissions of `like` where that exists."""
    mode = like.stat().st_mode & 0o777 if like.exists() else 0o666
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))


def _fill(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _force_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
