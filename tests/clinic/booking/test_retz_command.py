"""`myotome clinic retz` as a command, on a full clinic whose visits the new rules put on others."""

import re
from datetime import timedelta

from django.db import connection
from furnishing import BY, person, slot
from old_rules import use_old_rules
from processes import open_to_processes, run
from test_guard import overlaps
from test_retz import WINTER, everything, keep_free

from clinic.booking import actions, retz
from clinic.booking.models import Booking
from clinic.outbox.models import Message
from clinic.practice.models import Credential

HOURS, DAYS = range(9, 14), 3


def test_the_command_tells_moves_and_conflicts_asks_and_then_does_it(
    real, place, monkeypatch, tmp_path
):
    """On a full clinic, on each engine: first no, then yes."""
    real.day = WINTER if real.day <= WINTER else WINTER.replace(year=real.day.year + 1)
    Credential.objects.update(expires_on=None)
    days = [real.day + timedelta(days=number) for number in range(DAYS)]
    with monkeypatch.context() as before:
        use_old_rules(before)
        for day in days:
            for hour in HOURS:
                actions.book(slot(real, hour, day=day), real.ada, by=BY)
                actions.book(slot(real, hour, staff=real.two, day=day), real.bo, by=BY)
    cy = person("Cy", real.site, email="cy@mail.test")
    late = actions.book(slot(real, 9, day=days[1]), cy, by=BY)  # at 16:00 UTC, by the new rules
    keep_free(real, 9, day=days[2])
    Message.objects.filter(letter="visit_booked").update(state="sent")
    open_to_processes(place, database=real.address)
    was = everything()
    connection.close()

    told = run(place.folder, "retz", typed="n\n")

    assert (told.returncode, told.stderr) == (1, "")
    moves = [line for line in told.stdout.splitlines() if " -> " in line]
    assert len(moves) == 2 * len(HOURS) * DAYS
    conflicts = [line for line in moves if "Conflict" in line]
    assert len(conflicts) == 2
    assert f"Conflict with visit {late.booking}. All are kept" in conflicts[0]
    assert re.search(r"Conflict with block \d+\. All are kept", conflicts[1])
    assert told.stdout.endswith("Carry this out? [y/N]: Nothing is done.\n")
    assert everything() == was

    connection.close()
    done = run(place.folder, "retz", typed="y\n")

    report, asked, after = done.stdout.partition("Carry this out? [y/N]: Done:\n")
    assert asked
    assert (done.returncode, done.stderr, after) == (1, "", report)
    moved = Booking.objects.exclude(pk=late.booking)
    assert {row.sequence for row in moved} == {1}
    assert {row.local.hour for row in moved} == set(HOURS)
    assert moved.filter(lane=1, reason_for_lane=retz.REASON).count() == 2
    assert overlaps() == 0
    letters = Message.objects.filter(letter="visit_follows_clocks")
    assert sorted(letters.values_list("key", flat=True)) == sorted(
        f"visit:{row.pk}:1:booked" for row in moved
    )
    connection.close()
    again = run(place.folder, "retz")
    assert (again.returncode, again.stdout) == (0, "0 stay at their instant.\n")
