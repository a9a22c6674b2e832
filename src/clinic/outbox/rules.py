"""When a message may go out, when it is tried again, and which failures are final.

Final is only what another try cannot change: the server knows no such recipient, or the letter
cannot be written. A server that is down, full or refuses the clinic itself is tried for ever, since
somebody will mend it and the letter is still owed.
"""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.outbox.letters import UnknownLetter

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
OVERDUE_AFTER = timedelta(hours=1)  # then somebody should look at the mail server
_DOUBLINGS = 20  # more than reach the longest wait
CLAIM_HOLDS = timedelta(minutes=2)  # then the sender is taken for dead
HEART_HOLDS = timedelta(seconds=60)
JOB_ATTEMPTS = 3


def after_quiet_hours(moment: datetime, zone: ZoneInfo, start: int, end: int) -> datetime:
    """`moment`, or the end of the quiet hours it falls into, in the clinic's own time.

    Quiet hours run from hour `start` to hour `end`, over midnight when start is the later one;
    equal hours mean none.
    """
    local = moment.astimezone(zone)
    if start == end:
        return moment
    over_midnight = start > end
    is_late = local.hour >= start if over_midnight else start <= local.hour < end
    is_early = over_midnight and local.hour < end
    if not (is_late or is_early):
        return moment
    day = local.date() + timedelta(days=1 if over_midnight and is_late else 0)
    return datetime(day.year, day.month, day.day, end, tzinfo=zone)


def wait_after(attempts: int) -> timedelta:
    """How long a message rests after its n-th failed attempt: doubling, with a ceiling."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(attempts - 1, 0), _DOUBLINGS)
    return min(doubled, LONGEST_WAIT)


def is_final(error: Exception) -> bool:
    """Whether a message that failed like this would fail like this again, whatever is mended."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(_is_permanent(code) for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return _is_permanent(error.smtp_code)
    if isinstance(error, OSError):  # a certificate that is not believed is a ValueError besides
        return False
    return isinstance(error, ValueError | UnknownLetter)  # an address or a letter that is none


def _is_permanent(code: int) -> bool:
    return code // 100 == 5
