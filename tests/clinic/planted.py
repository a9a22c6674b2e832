"""Words that nobody else has, and all that is said or kept outside a record, to search it."""

import html
import json
import logging
import re
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.db import connection

from clinic.outbox.letters import written
from clinic.outbox.models import Message

WORD, PHONE, EMAIL = "Zxqvplant", "604 555 0977", "zxqvplant@mail.test"
PLANTED = re.compile(r"zxqvplant|604.?555.?0977", re.IGNORECASE)
OWN_TABLES = re.compile(
    "^(patients|records|assessment|booking)_|^django_session$"
)  # a session keeps a held form until it is over; the worker deletes it then


class Listener(logging.Handler):
    """Hears what is logged, at the levels that the clinic sets."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.said = []

    def emit(self, record):
        self.said.append(self.format(record))


@contextmanager
def heard():
    """A listener at every logger, for as long as it is wanted."""
    listener = Listener()
    loggers = [logging.getLogger(name) for name in ("", *settings.LOGGING["loggers"])]
    for logger in loggers:
        logger.addHandler(listener)
    yield listener
    for logger in loggers:
        logger.removeHandler(listener)


def addresses_in(answer):
    yield answer.headers.get("Location", "")
    if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
        page = answer.content.decode()
        found = re.findall(r'(?:href|action|src)="([^"]*)"', page)
        yield from map(html.unescape, found)


def kept_elsewhere():
    """Every row of every table but those of people and their records."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
        for table in sorted((tables & models) | {"site_cache"}):
            if not OWN_TABLES.search(table):
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own table
                yield table, json.dumps(cursor.fetchall(), default=str)


def letters():
    for message in Message.objects.all():
        if message.values:  # of one taken back nothing is left
            yield message.letter, "\n".join(written(message.letter, message.values))


def nothing_of(planted_in):
    return [where for where, text in planted_in if PLANTED.search(text)]
