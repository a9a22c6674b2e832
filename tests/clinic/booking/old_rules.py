"""Two versions of the tz database: the pinned one, and 2025b, kept beside the tests."""

from datetime import datetime, time, timedelta
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
