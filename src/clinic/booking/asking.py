"""Waiting without an account: asked for by a form, begun by the link of a mail, ended by the same.

What was typed travels sealed in the link and is stored in no table until somebody who has the mail
says yes; then there is a new record that staff will match, as after a booking from outside. A
session that opened the link keeps it sealed, and otherwise than the link is.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, date, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.booking import times
from clinic.booking.models import Applicant, Newcomer, Service, Waiting
from clinic.booking.newcomers import newcomer_of
from clinic.booking.waiting import stop_waiting, wait
from clinic.outbox.actions import promise
from clinic.patients.models import Patient
from clinic.patients.rules import folded
from clinic.practice.models import Site, Staff

ANSWER_WITHIN = timedelta(days=1)  # then the link puts nobody on the list any more
OPEN = (Waiting.State.WAITING, Waiting.State.OFFERED)


@dataclass(frozen=True)
class Asked:
    """For what somebody would wait, and who they say they are."""

    service: int
    site: int
    staff: int | None
    first_day: str
    last_day: str
    given_name: str
    family_name: str
    email: str
    phone: str
    is_for_another: bool

    @property
    def days(self) -> tuple[date, date]:
        """Between which days."""
        return date.fromisoformat(self.first_day), date.fromisoformat(self.last_day)


def token_of(asked: Asked) -> str:
    """What opens this wish and tells nobody else of it."""
    cipher = settings.PLACE.keys.cipher("wait")
    return str(cipher.encrypt(json.dumps(asdict(asked)).encode()).decode().rstrip("="))


def asked_by(token: str, *, is_fresh: bool = False) -> Asked | None:
    """What a token opens; if it must be fresh, only within a day."""
    padded = token + "=" * (-len(token) % 4)
    lasts = int(ANSWER_WITHIN.total_seconds()) if is_fresh else None
    try:
        text = settings.PLACE.keys.cipher("wait").decrypt(padded.encode(), ttl=lasts)
    except (InvalidToken, ValueError):
        return None
    values: dict[str, Any] = json.loads(text)
    return Asked(**values)


def link_of(asked: Asked) -> str:
    """The whole address that a mail carries."""
    path = reverse("book:open_wait", kwargs={"token": token_of(asked)})
    return str(settings.PLACE.address) + path


def key_of(asked: Asked) -> uuid.UUID:
    """Names a wish in an address, and opens nothing; it cannot be made without the clinic's key."""
    text = f"wait|{settings.PLACE.keys.site}|{json.dumps(asdict(asked))}"
    return uuid.UUID(hex=hashlib.sha256(text.encode()).hexdigest()[:32])


@dataclass(frozen=True)
class Kept:
    """A wish as a session keeps it, and whether its link was young enough to begin with."""

    asked: Asked
    is_fresh: bool


def sealed(kept: Kept) -> str:
    """For a session: whoever reads the database learns nothing by it and can open no link."""
    cipher = settings.PLACE.keys.cipher("wait opened")
    return str(cipher.encrypt(json.dumps(asdict(kept)).encode()).decode())


def unsealed(text: str) -> Kept | None:
    """What a session kept."""
    try:
        found = settings.PLACE.keys.cipher("wait opened").decrypt(text.encode())
    except (InvalidToken, ValueError):
        return None
    values: dict[str, Any] = json.loads(found)
    return Kept(Asked(**values["asked"]), values["is_fresh"])


def is_past(asked: Asked) -> bool:
    """Whether the last of its days is over at the site."""
    site = Site.objects.filter(pk=asked.site).first()
    zone = times.zone_of(site.time_zone) if site is not None else UTC
    return asked.days[1] < timezone.now().astimezone(zone).date()


def has_ended(asked: Asked, *, is_fresh: bool) -> bool:
    """Whether its link has nothing more to do: nobody waits by it, and nobody can begin to."""
    return place_in_line(asked) is None and (not is_fresh or is_past(asked))


def ask_to_wait(asked: Asked, *, by: Actor) -> None:
    """Write to the address that was given; nothing is known of it yet."""
    with transaction.atomic():
        promise(
            "wait_to_confirm",
            to=asked.email,
            key=f"wait:{uuid.uuid4()}",
            values={"clinic": settings.PLACE.name, "link": link_of(asked)},
        )
        record("wait asked for", by=by, subject=f"site:{asked.site}")


def begin_to_wait(asked: Asked, *, by: Actor) -> Waiting:
    """Whoever has the mail says yes: they wait, under a new record or the one they have here."""
    first, last = asked.days
    site = Site.objects.get(pk=asked.site)
    applicant = Applicant(
        given_name=asked.given_name,
        family_name=asked.family_name,
        email=asked.email,
        phone=asked.phone,
        is_for_another=asked.is_for_another,
    )
    with transaction.atomic():
        return wait(
            newcomer_of(applicant, site, by),
            service=Service.objects.get(pk=asked.service),
            site=site,
            staff=Staff.objects.get(pk=asked.staff) if asked.staff else None,
            first_day=first,
            last_day=last,
            by=by,
        )


def place_in_line(asked: Asked) -> Waiting | None:
    """How somebody who asked by a form waits now, if they do."""
    name = folded(f"{asked.given_name} {asked.family_name}")[:300]
    known = Newcomer.objects.filter(email=asked.email.lower(), folded=name)
    records = Patient.objects.filter(newcomer__in=known)
    return Waiting.objects.filter(
        Q(patient__in=records) | Q(patient__in=records.values("merged_into")),
        service=asked.service,
        site=asked.site,
        staff=asked.staff,
        state__in=OPEN,
    ).first()


def stop(asked: Asked, *, by: Actor) -> None:
    """No longer wait; an offer that is open stays until it is answered by its own link."""
    row = place_in_line(asked)
    if row is not None and row.state == Waiting.State.WAITING:
        stop_waiting(row, by=by)
