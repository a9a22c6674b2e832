"""Work of the practice that takes long: following the audit to its end, with progress."""

from __future__ import annotations

from typing import Any

from clinic.audit.queries import verify
from clinic.outbox.actions import Progress, kind

CHECK_AUDIT = "check the audit"


@kind(CHECK_AUDIT)
def check_audit(_given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Follow the chain; what was found, in the words that a page shows."""
    verdict = verify(progress)
    return {
        "is_whole": verdict.is_whole,
        "linked": verdict.linked,
        "waiting": verdict.waiting,
        "problem": verdict.problem,
    }
