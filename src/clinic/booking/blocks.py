"""Time that a practitioner or a room keeps for something else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.booking import times
from clinic.booking.answers import once
from clinic.booking.models import Block, Occupancy, Room
from clinic.booking.occupying import lock, room_key, staff_key
from clinic.booking.waiting import offer_unblocked
from clinic.practice.models import Site, Staff


def block(
    site: Site,
    *,
    staff: Staff | None,
    room: Room | None,
    starts: datetime,
    ends: datetime,
    what_for: str,
    by: Actor,
) -> Block:
    """Keep time of a practitioner or a room for something else.

    Raises:
        Taken: Something is booked then.
    """
    zone = times.zone_of(site.time_zone)
    local, _ = times.wall_of(starts, zone)

    def act() -> dict[str, Any]:
        made = Block.objects.create(
            site=site,
            staff=staff,
            room=room,
            starts_local=local.isoformat(timespec="minutes"),
            zone=site.time_zone,
            starts_at=starts,
            ends_at=ends,
            rules_version=times.version(),
            what_for=what_for,
        )
        rows = lock([staff_key(staff)] if staff else [])
        rows |= lock([room_key(room)] if room else [])
        Occupancy.objects.bulk_create(
            [
                Occupancy(
                    resource_id=row,
                    begins=times.seconds(starts),
                    ends=times.seconds(ends),
                    block=made,
                )
                for row in rows.values()
            ]
        )
        record("time blocked", by=by, subject=f"block:{made.pk}")
        return {"block": made.pk}

    return Block.objects.get(pk=once("", {}, act)["block"])


def unblock(row: Block, *, by: Actor) -> None:
    """Give blocked time back; who waits is offered it."""

    def act() -> dict[str, Any]:
        record("block removed", by=by, subject=f"block:{row.pk}")
        Block.objects.filter(pk=row.pk).delete()
        offer_unblocked(row)
        return {}

    once("", {}, act)  # of two who wait for each other one comes again
