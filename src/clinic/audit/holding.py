"""Whether the audit holds, told between processes by a mark in the clinic's folder.

The sealer, in the worker, finds a cut within a second; the site, in another process, looks for the
mark at each change that somebody sends. While the chain is cut nothing is changed: it would be
written onto what can no longer be proved. Once a seal finds the chain whole the mark is taken away.
"""

from __future__ import annotations

from django.conf import settings


def is_read_only() -> bool:
    """Whether nothing may change: the audit was broken at the start, or is cut since."""
    return settings.IS_READ_ONLY or settings.PLACE.cut_mark.exists()


def say(*, holds: bool) -> None:
    """Tell the other processes what a seal found."""
    mark = settings.PLACE.cut_mark
    if holds:
        mark.unlink(missing_ok=True)
    else:
        mark.touch()
