"""Writing: a case goes back to a file whole or not at all, and reads back as the same case.

A case that was read and not changed is written as the very text it came from. A changed one
keeps the comments and the order of its file where they still apply.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from myotome.case.case import Case
from myotome.case.reading import parse_case
from myotome.case.toml import document_text, merged_text
from myotome.whole_file import write_text_whole


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
    """Write the text of a case to a file, so that it is never half there.

    Raises:
        CannotWrite: The place cannot be written; what was there stays as it was.
    """
    write_text_whole(path, text, what="case")
