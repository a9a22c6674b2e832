"""What fills a letter's gaps is sealed, and gone from messages that have ended."""

import json
from collections.abc import Callable

from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import clinic.outbox.models

ENDED = ("sent", "failed", "cancelled")


def seal_what_waits(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Go around the field, which would take plain text for something it cannot open."""

    def sealed(state: str, plain: str) -> str:
        if state in ENDED or not json.loads(plain):
            return ""
        return settings.PLACE.keys.cipher("message").encrypt(plain.encode()).decode()

    _rewrite(apps, editor, sealed)


def open_what_waits(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The way back."""

    def opened(_state: str, value: str) -> str:
        if not value:
            return "{}"
        return settings.PLACE.keys.cipher("message").decrypt(value.encode()).decode()

    _rewrite(apps, editor, opened)


def _rewrite(
    apps: Apps, editor: BaseDatabaseSchemaEditor, rewritten: Callable[[str, str], str]
) -> None:
    table = apps.get_model("outbox", "Message")._meta.db_table  # noqa: SLF001
    with editor.connection.cursor() as cursor:
        cursor.execute(f'SELECT id, state, "values" FROM {table}')  # noqa: S608 - our own table
        for key, state, value in cursor.fetchall():
            cursor.execute(
                f'UPDATE {table} SET "values" = %s WHERE id = %s',  # noqa: S608
                [rewritten(state, value), key],
            )


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="values",
            field=clinic.outbox.models.SealedValues(blank=True, default=dict),
        ),
        migrations.RunPython(seal_what_waits, open_what_waits),
    ]
