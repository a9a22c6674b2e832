"""What may be attached, and who may say what of a note: pure functions.

The type of a file is read from its first bytes and never believed from its name.
"""

from __future__ import annotations

from clinic.practice.models import Role

LARGEST = 10 * 1024 * 1024
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "text/plain": "txt"}
_STARTS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


class CannotAttach(ValueError):  # noqa: N818 - named for the event
    """A file that is empty, too large, or of a type that is not kept; the message says which."""


def media_type(content: bytes) -> str:
    """The type of a file by what it holds.

    Raises:
        CannotAttach: It cannot be kept.
    """
    if not content:
        raise CannotAttach("The file must not be empty.")
    if len(content) > LARGEST:
        raise CannotAttach(f"The file must be at most {LARGEST // 1024 // 1024} MB.")
    for start, kind in _STARTS.items():
        if content.startswith(start):
            return kind
    if _is_plain_text(content):
        return "text/plain"
    raise CannotAttach("The file must be a PDF, a PNG or JPEG picture, or plain text.")


def _is_plain_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if text.lstrip().startswith("<"):  # markup is no plain text, whatever it is called
        return False
    return all(letter.isprintable() or letter in "\r\n\t" for letter in text)


def needs_co_sign(roles: frozenset[str]) -> bool:
    """Whether what somebody signs waits for a practitioner: a student's does."""
    return Role.PRACTITIONER not in roles


def may_co_sign(roles: frozenset[str], *, is_author: bool) -> bool:
    """Whether somebody may stand by another's note."""
    return Role.PRACTITIONER in roles and not is_author


def may_strike(roles: frozenset[str], *, is_author: bool) -> bool:
    """Whether somebody may mark a note as entered in error: its author, or a practitioner."""
    return is_author or Role.PRACTITIONER in roles
