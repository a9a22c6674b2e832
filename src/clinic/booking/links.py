"""The link by which whoever has the mail opens one visit, to confirm, move or cancel it.

It is made from the clinic's key, its purpose and the booking's key, and stored nowhere: neither a
copy of the database nor a backup holds a working one. It ends some time after its visit
(`rules.link_has_ended`) or once its booking has a new round, and opens its pages by a button
(`views.mailed`) without being told again.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid

from django.conf import settings
from django.urls import reverse

from clinic.booking.models import Booking


def _seal(purpose: str, text: str) -> str:
    settings.PLACE.keys.refuse_default()
    secret = f"{purpose}|{settings.PLACE.keys.site}".encode()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:40]


def token_of(booking: uuid.UUID, link_round: int = 0) -> str:
    """What opens one visit; a new round ends every older link."""
    return f"{booking.hex}{_seal_of(booking.hex, link_round)}"


def _seal_of(key: str, link_round: int) -> str:
    return _seal("visit", f"{key}:{link_round}" if link_round else key)


def booking_of(token: str) -> uuid.UUID | None:
    """The booking that a token opens."""
    key, seal = token[:32], token[32:]
    try:
        booking = uuid.UUID(hex=key)
    except ValueError:
        return None
    rows = Booking.objects.filter(pk=booking)
    link_round = rows.values_list("link_round", flat=True).first() or 0
    is_its_own = hmac.compare_digest(seal.encode(), _seal_of(key, link_round).encode())
    return booking if is_its_own else None


def visit_link(booking: uuid.UUID, link_round: int = 0) -> str:
    """The whole address that a mail carries."""
    path = reverse("visits:open", kwargs={"token": token_of(booking, link_round)})
    return str(settings.PLACE.address) + path


def feed_token(staff: int, feed_round: int) -> str:
    """What opens a practitioner's calendar feed; a new round ends every older one."""
    return f"{staff}-{_seal('feed', f'{staff}:{feed_round}')}"
