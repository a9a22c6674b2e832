"""What stands between a clinic and its patients: what must be mended, and what should be looked at.

`serve` refuses to begin for what `refusals` finds. A broken audit must be mended as well, but keeps
nobody from the charts: `serve` says it and opens them for reading only. It says too what new rules
of clocks have left to do. `check` prints everything.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from clinic.audit.queries import verify
from clinic.booking import times
from clinic.booking.queries import guard_is_up, reckoned_otherwise, without_places
from clinic.outbox.queries import given_up, overdue
from clinic.practice.models import Practice
from clinic.practice.queries import expiring_credentials, is_demonstration, privacy_leads, today

SHOWN = 10
BACKUP_AT_LEAST_EVERY = timedelta(hours=24)


def refusals() -> list[str]:
    """Why this clinic must not be served."""
    found = []
    if settings.PLACE.keys.are_default:
        found.append(
            "The keys are the known default ones. Set the clinic up with 'myotome clinic setup'."
        )
    if settings.DEBUG:
        found.append("DEBUG is on. It shows what pages hold to whoever makes them fail.")
    if not (settings.IS_SECURE or settings.IS_LOOPBACK):
        found.append(
            f"The address {settings.PLACE.address} is public and has no TLS. Use https:// behind"
            " a proxy that holds the certificate."
        )
    try:
        found += _of_the_database()
    except DatabaseError as error:
        found.append(f"The database does not answer: {type(error).__name__}.")
    return found


def _of_the_database() -> list[str]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return ["The database has not the newest schema. Set up, or restore, or bring it up."]
    if not Practice.objects.exists():
        return ["The database holds no practice. Set the clinic up."]
    if is_demonstration():
        return ["This is a demonstration database. Its people are invented; serve it by 'demo'."]
    return []


def breaks() -> list[str]:
    """What is broken in what was kept, and must be looked into before anything else."""
    try:
        verdict = verify()
    except DatabaseError:  # said among the refusals
        return []
    found = [] if verdict.is_whole else [f"The audit is broken. {verdict.problem}"]
    if not guard_is_up():
        found.append(
            "The database no longer refuses two visits of one resource at one time. Restore a"
            " backup, or put the guard of booking up again."
        )
    return found


def displaced() -> list[str]:
    """Visits that must be mended on the clinic's own pages, which stay open for it."""
    try:
        keys = [str(key) for key in without_places()]
    except DatabaseError:  # said among the refusals
        return []
    if not keys:
        return []
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    told = (
        f"Bookings and the times that they take do not agree: {', '.join(keys[:SHOWN])}{more}."
        " Others are booked over them, or refused for nothing. Move or cancel these visits."
    )
    return [told]


def advice() -> list[str]:
    """What should be looked at."""
    found = []
    place = settings.PLACE
    if not place.mail_server:
        found.append("No mail server is named (mail_server): mail waits and is not sent.")
    if not place.audit_head:
        found.append(
            "The head of the audit lies beside the data (audit_head): name a file on another disk."
        )
    if not place.disk_is_encrypted:
        found.append(
            "Nobody has said that the disk is encrypted (disk_is_encrypted). The database itself"
            " holds plain text."
        )
    if settings.IS_SECURE and not place.trusted_proxies:
        found.append(
            "The address is https and no proxy is trusted (trusted_proxies): all who sign in count"
            " as one address, and one who guesses locks out everybody. Behind one proxy it is 1."
        )
    if _last_backup_age() > BACKUP_AT_LEAST_EVERY:
        found.append("There is no backup of the last 24 hours. Run 'myotome clinic backup'.")
    with contextlib.suppress(DatabaseError):  # said among the refusals
        found += clocks() + _advice_of_the_database()
    return found


def clocks() -> list[str]:
    """Whether an update brought other rules of clocks than visits to come were agreed by."""
    visits, blocks = (rows.count() for rows in reckoned_otherwise())
    if not visits + blocks:
        return []
    return [
        (
            f"{visits} visits to come and {blocks} blocks are reckoned by other rules of clocks"
            f" than those in use, {times.version()}: their hour may be another. Run 'myotome"
            " clinic retz'."
        )
    ]


def _last_backup_age() -> timedelta:
    folder = settings.PLACE.backups
    made = [path.stat().st_mtime for path in folder.glob("*.sealed")] if folder.exists() else []
    if not made:
        return timedelta.max
    return datetime.now(UTC) - datetime.fromtimestamp(max(made), UTC)


def _advice_of_the_database() -> list[str]:
    found = []
    if not privacy_leads().exists():
        found.append("Nobody is privacy lead: emergency access would be reviewed by nobody.")
    expired = len(expiring_credentials(today(), within_days=0))
    if expired:
        found.append(f"{expired} credentials have expired or expire today.")
    return found + _of_the_mail()


def _of_the_mail() -> list[str]:
    """One line for each letter: by its key in the outbox, for the address is a person's."""
    found = [
        f"A letter was given up: {message.letter} {message.pk}, promised"
        f" {message.promised_at:%Y-%m-%d %H:%M} UTC ({message.problem})."
        for message in given_up()[:SHOWN]
    ]
    late = overdue()
    found += [
        f"A letter is overdue: {message.letter} {message.pk}, promised"
        f" {message.promised_at:%Y-%m-%d %H:%M} UTC, {message.attempts} tries"
        f" ({message.problem or 'not tried'})."
        for message in late[:SHOWN]
    ]
    for count, what in ((given_up().count(), "given up"), (late.count(), "overdue")):
        if count > SHOWN:
            found.append(f"{count} letters are {what}; the first {SHOWN} are shown.")
    return found
