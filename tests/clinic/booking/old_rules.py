"""Two versions of the tz database: the pinned one, and 2025b, kept beside the tests."""

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


def use_pinned_rules(monkeypatch):
    """From here on by the pinned rules again."""
    monkeypatch.undo()
