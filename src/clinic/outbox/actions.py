"""Promising, sending and computing: what the rest of the clinic asks for, and what the worker does.

A message is promised in the transaction of the act it tells of, so that neither exists without the
other. To send, its row is claimed and that claim committed; then the mail goes out; then the row is
marked. A crash in between leaves a claim that grows old: the message is sent again with the same
Message-ID, so that a mail program can know it for the same. None is ever lost, and none is sent
twice by two workers. What filled a letter's gaps goes when the message ends, sent or not: it may
hold a link that still opens. A job runs with no transaction open and says how far it is.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from clinic.audit.actor import Actor
from clinic.outbox import rules
from clinic.outbox.letters import LETTERS, written
from clinic.outbox.models import Job, Message
from clinic.outbox.sending import send

log = logging.getLogger("clinic.outbox")
Progress = Callable[[int, int], None]
Work = Callable[[dict[str, Any], Progress], dict[str, Any]]
KINDS: dict[str, Work] = {}
Look = Callable[[Message], bool]
LAST_LOOKS: dict[str, Look] = {}
MOST_COUNTED = 30_000  # attempts, hourly for years; the column holds few more


class Cancelled(Exception):  # noqa: N818 - named for the event
    """The person who asked for a job no longer wants it."""


# ------------------------------------------------------------------ messages


def promise(
    letter: str,
    *,
    to: str,
    key: str,
    values: dict[str, str],
    zone: str = "UTC",
    not_before: datetime | None = None,
) -> Message:
    """Promise one letter; promising it again under the same key changes nothing.

    Args:
        letter: A name of `letters.LETTERS`.
        to: The address.
        key: What makes this message this one, such as `invitation:<link>`.
        values: What fills the letter's gaps.
        zone: The zone in which quiet hours are meant.
        not_before: When it may leave; left out: at once.
    """
    written(letter, values)
    now = timezone.now()
    not_before = max(now, not_before or now)
    if LETTERS[letter].can_wait:
        not_before = _after_quiet_hours(not_before, zone)
    identity = uuid.uuid4()
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    message, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "id": identity,
            "message_id": f"<{identity}@{domain}>",
            "letter": letter,
            "to": to,
            "values": values,
            "promised_at": now,
            "not_before": not_before,
            "zone": zone,
        },
    )
    return message


def take_back(*keys: str) -> bool:
    """Cancel the messages of some keys that have not left; whether there was one."""
    waiting = Message.objects.filter(key__in=keys, state=Message.State.WAITING)
    return bool(waiting.update(state=Message.State.CANCELLED, values={}))


def send_elsewhere(*keys: str, to: str, anew: Callable[[Message], dict[str, str]]) -> None:
    """Let the messages of some keys that have not left go to another address.

    One that is on its way just now goes to the new one if this try fails.

    Args:
        keys: Of which messages.
        to: The new address.
        anew: What fills the gaps of a letter from now on.
    """
    rows = Message.objects.filter(state__in=[Message.State.WAITING, Message.State.SENDING])
    for message in rows.filter(key__in=keys):
        values = anew(message)
        written(message.letter, values)
        rows.filter(pk=message.pk).update(to=to, values=values)


def withdraw(letter: str, *, to: str) -> int:
    """Cancel every letter of one name to one address that has not left; how many."""
    waiting = Message.objects.filter(letter=letter, to=to, state=Message.State.WAITING)
    return waiting.update(state=Message.State.CANCELLED, values={})


def last_look(*letters: str) -> Callable[[Look], Look]:
    """Register what looks at letters of some names just before they leave; no: it is cancelled."""

    def register(look: Look) -> Look:
        LAST_LOOKS.update(dict.fromkeys(letters, look))
        return look

    return register


def send_due(limit: int = 20) -> int:
    """Send what is due; how many left."""
    _release_old_claims()
    sent = 0
    for _ in range(limit):
        message = _claim()
        if message is None:
            break
        sent += _send(message)
    return sent


def _release_old_claims() -> None:
    old = timezone.now() - rules.CLAIM_HOLDS
    Message.objects.filter(state=Message.State.SENDING, claimed_at__lt=old).update(
        state=Message.State.WAITING
    )


def _after_quiet_hours(moment: datetime, zone: str) -> datetime:
    place = settings.PLACE
    return rules.after_quiet_hours(moment, ZoneInfo(zone), place.quiet_from, place.quiet_until)


def _keep_quiet(now: datetime) -> None:
    """What can wait and has come due at night waits for the morning of its zone.

    Its time may lie in the night after a try that failed, or it lay in the evening and the worker
    stood still.
    """
    can_wait = [name for name, letter in LETTERS.items() if letter.can_wait]
    due = Message.objects.filter(
        state=Message.State.WAITING, not_before__lte=now, letter__in=can_wait
    )
    for zone in due.values_list("zone", flat=True).distinct():
        morning = _after_quiet_hours(now, zone)
        if morning > now:
            due.filter(zone=zone).update(not_before=morning)


def _claim() -> Message | None:
    """One due message, claimed by a single statement and committed before anything is sent."""
    now = timezone.now()
    _keep_quiet(now)
    due = Message.objects.filter(state=Message.State.WAITING, not_before__lte=now)
    for key in due.order_by("not_before").values_list("pk", flat=True)[:5]:
        taken = Message.objects.filter(pk=key, state=Message.State.WAITING).update(
            state=Message.State.SENDING,
            claimed_at=now,
            attempts=Least(F("attempts") + 1, MOST_COUNTED),
        )
        if taken:
            return Message.objects.get(pk=key)
    return None


def _send(message: Message) -> bool:
    claimed = Message.objects.filter(
        pk=message.pk, state=Message.State.SENDING, claimed_at=message.claimed_at
    )
    try:
        subject, text = written(message.letter, message.values)
        if not LAST_LOOKS.get(message.letter, _always)(message):
            claimed.update(state=Message.State.CANCELLED, values={}, problem="no longer wanted")
            return False
        send(
            to=message.to,
            subject=subject,
            text=text,
            message_id=message.message_id,
            calendar=message.values.get("calendar", ""),
            method=LETTERS[message.letter].calendar,
        )
    except Exception as error:  # noqa: BLE001 - whatever one message does, the others go out
        # The words of a mail server may repeat the address; the class of the failure is enough.
        problem = type(error).__name__
        if rules.is_final(error):
            claimed.update(state=Message.State.FAILED, values={}, problem=problem)
            log.error("message %s given up: %s", message.pk, problem)  # noqa: TRY400 - a traceback may hold the address
            return False
        wait = rules.wait_after(message.attempts)
        claimed.update(
            state=Message.State.WAITING, not_before=timezone.now() + wait, problem=problem
        )
        log.warning("message %s not sent: %s", message.pk, problem)
        return False
    claimed.update(
        state=Message.State.SENT, to=message.to, sent_at=timezone.now(), values={}, problem=""
    )
    return True


def _always(_message: Message) -> bool:
    return True


# ---------------------------------------------------------------------- jobs


def kind(name: str) -> Callable[[Work], Work]:
    """Register what computes jobs of one kind: given values in, a result out."""

    def register(work: Work) -> Work:
        KINDS[name] = work
        return work

    return register


def request_job(name: str, given: dict[str, Any], *, by: Actor) -> Job:
    """Ask for a computation; the same input is computed once and its job returned.

    A job that failed or was cancelled is queued again.
    """
    if name not in KINDS:
        raise LookupError(f"No job '{name}'; there are {', '.join(sorted(KINDS))}.")
    text = json.dumps(given, sort_keys=True, separators=(",", ":"))
    with transaction.atomic():
        job, _ = Job.objects.get_or_create(
            kind=name,
            fingerprint=hashlib.sha256(text.encode()).hexdigest(),
            defaults={"given": given, "queued_at": timezone.now(), "requested_by": by.name},
        )
        ended_badly = Job.objects.filter(
            pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED]
        )
        if ended_badly.update(
            state=Job.State.QUEUED, cancel_asked=False, attempts=0, problem="", done=0
        ):
            job.refresh_from_db()
    return job


def cancel_job(job: Job) -> None:
    """Stop a job: at once if it has not begun, at its next sign of life otherwise."""
    queued = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if not queued.update(state=Job.State.CANCELLED, ended_at=timezone.now()):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def run_one_job() -> bool:
    """Run the oldest job that waits; whether there was one."""
    _wake_the_dead()
    job = _take_job()
    if job is None:
        return False
    _run(job)
    return True


def _wake_the_dead() -> None:
    silent = Job.objects.filter(
        state=Job.State.RUNNING, heartbeat__lt=timezone.now() - rules.HEART_HOLDS
    )
    silent.filter(attempts__gte=rules.JOB_ATTEMPTS).update(
        state=Job.State.FAILED, problem="It stopped without a word, three times."
    )
    silent.filter(attempts__lt=rules.JOB_ATTEMPTS).update(state=Job.State.QUEUED)


def _take_job() -> Job | None:
    queued = Job.objects.filter(state=Job.State.QUEUED).order_by("queued_at")
    for key in queued.values_list("pk", flat=True)[:5]:
        now = timezone.now()
        if Job.objects.filter(pk=key, state=Job.State.QUEUED).update(
            state=Job.State.RUNNING, started_at=now, heartbeat=now, attempts=F("attempts") + 1
        ):
            return Job.objects.get(pk=key)
    return None


def _run(job: Job) -> None:
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    last: list[datetime] = []

    def progress(done: int, total: int) -> None:
        now = timezone.now()
        if last and now - last[0] < timedelta(seconds=0.5) and done != total:
            return
        last[:] = [now]
        alive = mine.filter(cancel_asked=False)
        if not alive.update(heartbeat=now, done=done, total=total):
            raise Cancelled

    try:
        result = KINDS[job.kind](job.given, progress)
    except Cancelled:
        mine.update(state=Job.State.CANCELLED, ended_at=timezone.now())
    except Exception as error:  # noqa: BLE001 - whatever a job does, the worker goes on
        log.warning("job %s of kind %s failed: %s", job.pk, job.kind, type(error).__name__)
        mine.update(
            state=Job.State.FAILED,
            ended_at=timezone.now(),
            problem=f"It ended with {type(error).__name__}.",
        )
    else:
        mine.update(state=Job.State.DONE, ended_at=timezone.now(), result=result)
