"""Two versions of the tz database: the pinned one, and 2025b, kept beside the tests."""

import struct
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic.booking import times

OLD = Path(__file__).parent / "tz2025b"
ZONES = (
    "America/Vancouver",
    "America/Toronto",
    "America/St_Johns",
    "Europe/London",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
)


def old_zone(name):
    with (OLD / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


LOADERS = {"2025b": old_zone, "pinned": ZoneInfo}


def use_old_rules(monkeypatch):
    """From here on times are reckoned as in 2025b."""
    monkeypatch.setattr(times, "version", lambda: "2025b")
    monkeypatch.setattr(times, "zone_of", old_zone)


def next_change(name, *, forward):
    """The next day, two weeks from now or later, on which clocks there go forward or back."""
    zone = ZoneInfo(name)
    day = datetime.now(zone).date() + timedelta(days=14)
    for _ in range(800):
        noons = [
            datetime.combine(each, time(12), tzinfo=zone).utcoffset()
            for each in (day - timedelta(days=1), day)
        ]
        if (noons[1] > noons[0]) if forward else (noons[1] < noons[0]):
            return day
        day += timedelta(days=1)
    raise AssertionError(f"Clocks no longer change in {name}.")


def write_old_form(name, zone, folder):
    """A zone as a table of the first form, from 2025 to 2037: all that `dateutil` reads.

    The tables that are kept today have nothing in that part of the file.
    """
    hour, last = datetime(2025, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
    kinds, changes = [], []
    while hour < last:
        there = hour.astimezone(zone)
        kind = (there.utcoffset(), bool(there.dst()), there.tzname())
        if kind not in kinds:
            kinds.append(kind)
        if not changes or changes[-1][1] != kinds.index(kind):
            changes.append((int(hour.timestamp()), kinds.index(kind)))
        hour += timedelta(minutes=30)
    names, starts = b"", []
    for _, _, word in kinds:
        starts.append(len(names))
        names += word.encode() + b"\0"
    counts = struct.pack(">6l", 0, 0, 0, len(changes), len(kinds), len(names))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"TZif"
        + bytes(16)
        + counts
        + b"".join(struct.pack(">l", at) for at, _ in changes)
        + bytes(kind for _, kind in changes)
        + b"".join(
            struct.pack(">lbb", int(offset.total_seconds()), is_summer, start)
            for (offset, is_summer, _), start in zip(kinds, starts, strict=True)
        )
        + names
    )
