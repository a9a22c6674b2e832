"""Sending: one letter to the clinic's mail server, over one connection, in a bounded time.

Speaks to the server itself, so that nothing else of the site can mail: Django's own way is shut.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

ANSWERS_WITHIN = 20.0  # seconds for each word of the server; then it is tried again later
PORTS = {"smtps": 465, "smtp+starttls": 587}


def send(
    *, to: str, subject: str, text: str, message_id: str, calendar: str = "", method: str = ""
) -> None:
    """Hand over one letter; return once the server has taken it.

    With a `method` its `calendar` goes with it, as an invitation that programs read.

    Raises:
        smtplib.SMTPException: The server refused it, or went away.
        OSError: There is no server, or no trust in its certificate.
        ValueError: The address cannot be written in a letter.
    """
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = subject
    letter["From"] = settings.DEFAULT_FROM_EMAIL
    letter["To"] = _address(to)
    letter["Date"] = format_datetime(timezone.now())
    letter["Message-ID"] = message_id
    letter.set_content(text)
    if method:
        letter.add_attachment(
            calendar,
            subtype="calendar",
            filename="visit.ics",
            params={"method": method},
        )
    server = _connected()
    try:
        server.send_message(letter)
    except BaseException:
        server.close()
        raise
    _leave(server)


def _connected() -> smtplib.SMTP:
    named = urlsplit(settings.PLACE.mail_server)
    host, port = named.hostname or "", named.port or PORTS.get(named.scheme, 25)
    if named.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, local_hostname=_own_name(), timeout=ANSWERS_WITHIN, context=context
        )
    else:
        server = smtplib.SMTP(host, port, local_hostname=_own_name(), timeout=ANSWERS_WITHIN)
    try:
        if named.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if named.username:
            server.login(unquote(named.username), unquote(named.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _own_name() -> str:
    """The name said to the server; without it the library asks the DNS, for however long."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return domain.encode("idna").decode() or "localhost"


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; the letter is taken, whatever the server answers to that."""
    with closing(server):
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            return


def _address(to: str) -> str:
    """An address as a mail server reads it: a domain of other letters in its plain spelling."""
    name, _, domain = to.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}" if not domain.isascii() else to
