"""When a message may go out and when it is tried again: pure functions of times."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)
GIVE_UP_AFTER = 12  # attempts: about half a day
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
    doubled: timedelta = FIRST_WAIT * 2 ** max(attempts - 1, 0)
    return min(doubled, LONGEST_WAIT)
