"""A zone's rules as a VTIMEZONE: yearly rules where the changes follow one, single dates elsewhere.

Calendar programs read rules ("the second Sunday of March") more alike than lists of dates. Each
change stands at the wall time before it, as RFC 5545 wants it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from clinic.booking import times

FIRST_YEAR, LAST_YEAR = 2020, 2037
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZERO = timedelta(0)


@dataclass(frozen=True)
class Change:
    """One change of clocks."""

    at: datetime  # in UTC
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool

    @property
    def local(self) -> datetime:
        """What clocks show as it comes."""
        return (self.at + self.before).replace(tzinfo=None)

    @property
    def kind(self) -> tuple[object, ...]:
        """What changes of one yearly rule share."""
        local = self.local
        return (self.before, self.after, self.name, local.month, local.weekday(), local.time())

    @property
    def places(self) -> set[int]:
        """Which of its weekday in the month it is; -1 for the last."""
        local = self.local
        places = {(local.day - 1) // 7 + 1}
        if local.day + 7 > monthrange(local.year, local.month)[1]:
            places.add(-1)
        return places


def changes(zone: tzinfo) -> Iterator[Change]:
    """Changes of a zone's offset in the years that are written out."""
    at = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    while at.year <= LAST_YEAR:
        if _offset(at, zone) != _offset(at + day, zone):
            begin, end = at, at + day
            while end - begin > timedelta(minutes=1):
                middle = begin + (end - begin) // 2
                if _offset(middle, zone) == _offset(begin, zone):
                    begin = middle
                else:
                    end = middle
            end = end.replace(second=0, microsecond=0)
            there = end.astimezone(zone)
            yield Change(
                end,
                _offset(end - timedelta(minutes=1), zone),
                _offset(end, zone),
                there.tzname() or "",
                bool(there.dst()),
            )
        at += day


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or ZERO


def _by_rule(found: list[Change]) -> list[tuple[list[Change], set[int]]]:
    """Changes gathered into yearly rules: same wall time, same weekday, same place in the month."""
    groups: list[tuple[list[Change], set[int]]] = []
    for change in found:
        for rows, places in groups:
            follows = rows[-1].local.year + 1 == change.local.year
            if follows and rows[-1].kind == change.kind and places & change.places:
                rows.append(change)
                places.intersection_update(change.places)
                break
        else:
            groups.append(([change], set(change.places)))
    return groups


@lru_cache(maxsize=64)
def written_out(name: str, version: str) -> bytes:  # noqa: ARG001 - other rules, another text
    """The VTIMEZONE of a zone by the rules in use."""
    zone = times.zone_of(name)
    found = list(changes(zone))
    component = Timezone()
    component.add("tzid", name)
    start = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).astimezone(zone)
    first = _part(bool(start.dst()), start.tzname() or name)
    first.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - a wall time
    first.add("tzoffsetfrom", start.utcoffset() or ZERO)
    first.add("tzoffsetto", start.utcoffset() or ZERO)
    component.add_component(first)
    for rows, places in _by_rule(found):
        part = _part(rows[0].is_summer, rows[0].name)
        part.add("dtstart", rows[0].local)
        part.add("tzoffsetfrom", rows[0].before)
        part.add("tzoffsetto", rows[0].after)
        goes_on = rows[-1].local.year == LAST_YEAR
        if len(rows) > 1 or goes_on:
            part.add("rrule", _rule(rows, places, goes_on=goes_on))
        component.add_component(part)
    return bytes(component.to_ical())


def _part(is_summer: bool, name: str) -> TimezoneDaylight | TimezoneStandard:
    part = TimezoneDaylight() if is_summer else TimezoneStandard()
    part.add("tzname", name)
    return part


def _rule(rows: list[Change], places: set[int], *, goes_on: bool) -> dict[str, object]:
    local = rows[0].local
    place = -1 if -1 in places else min(places)
    rule: dict[str, object] = {
        "freq": "yearly",
        "bymonth": local.month,
        "byday": f"{place}{DAYS[local.weekday()]}",
    }
    if not goes_on:
        rule["until"] = rows[-1].at
    return rule


def component_of(name: str) -> Timezone:
    """The VTIMEZONE of a zone."""
    read = Timezone.from_ical(written_out(name, times.version()))
    if not isinstance(read, Timezone):
        raise TypeError(f"A VTIMEZONE was written, got {type(read).__name__}.")
    return read
