"""Wall time and the instant it means: the only place where a zone is reckoned with.

A visit is agreed in wall time ("ten past two in Vancouver"); what a calendar compares are instants.
Rules of zones change, so both are stored, with the version of the rules that joined them. Rules
come from the pinned `tzdata` package; neither SQL nor a browser ever converts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import tzdata

MINUTE = 60


class NoSuchTime(ValueError):  # noqa: N818 - named for the event
    """Clocks skip this wall time; the message says so in plain words."""


def version() -> str:
    """The version of the rules in use, such as `2026b`."""
    return str(tzdata.IANA_VERSION)


def zone_of(name: str) -> tzinfo:
    """The rules of a zone by its name."""
    return ZoneInfo(name)


def city(zone: str) -> str:
    """The place that a zone is named after, for "Vancouver time"."""
    return zone.rpartition("/")[2].replace("_", " ")


@dataclass(frozen=True)
class Wall:
    """A wall time somewhere; `fold` 1 is the second of two when clocks go back."""

    local: datetime
    zone: str
    fold: int = 0

    def __post_init__(self) -> None:
        if self.local.tzinfo is not None:
            raise ValueError("A wall time has no offset of its own.")

    @property
    def text(self) -> str:
        """As stored: `2027-03-09T14:10`."""
        return self.local.isoformat(timespec="minutes")


def instant_of(local: datetime, zone: tzinfo, fold: int = 0) -> datetime:
    """The instant, in UTC, that a wall time means.

    Raises:
        NoSuchTime: Clocks skip it.
    """
    instant = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    back = instant.astimezone(zone)
    if back.replace(tzinfo=None, fold=0) != local.replace(fold=0):
        raise NoSuchTime(
            f"On {local:%A} {local.day} {local:%B %Y} clocks go forward and {clock(local.time())}"
            f" does not happen. The next time that does is {clock(back.time())}."
        )
    return instant


def wall_of(instant: datetime, zone: tzinfo) -> tuple[datetime, int]:
    """What a clock shows at an instant, and which of two if it shows that twice."""
    there = instant.astimezone(zone)
    return there.replace(tzinfo=None, fold=0), there.fold


def happens_twice(local: datetime, zone: tzinfo) -> bool:
    """Whether clocks show a wall time twice because they go back."""
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    return first.utcoffset() != second.utcoffset() and _happens(local, zone)


def _happens(local: datetime, zone: tzinfo) -> bool:
    try:
        instant_of(local, zone)
    except NoSuchTime:
        return False
    return True


def which_of_two(local: datetime, zone: tzinfo, fold: int) -> str:
    """Words for a time that happens twice; nothing for all others."""
    if not happens_twice(local, zone):
        return ""
    return "the second of two, after clocks go back" if fold else "the first of two"


def seconds(instant: datetime) -> int:
    """An instant as whole seconds since 1970, as the guard compares them."""
    return int(instant.timestamp())


def from_seconds(count: int) -> datetime:
    """The instant of a count of seconds since 1970."""
    return datetime.fromtimestamp(count, UTC)


def span_of_day(day: date, zone: tzinfo) -> tuple[int, int]:
    """First second of a day there and of the next; days have 23, 24, 24.5 or 25 hours."""
    return tuple(_midnight(each, zone) for each in (day, day + timedelta(days=1)))  # type: ignore[return-value]


def _midnight(day: date, zone: tzinfo) -> int:
    return seconds(datetime.combine(day, time(), tzinfo=zone))


def clock(when: time) -> str:
    """A time as patients read it: `2:30 pm`."""
    hour = when.hour % 12 or 12
    return f"{hour}:{when.minute:02d} {'am' if when.hour < 12 else 'pm'}"
