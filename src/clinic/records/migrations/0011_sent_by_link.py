"""Answers that came by the link of a visit: nobody with an account sent them.

SQLite makes the table anew for this and forgets its triggers, so that they are taken down before
and put up after; both in the one transaction of this migration.
"""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from clinic.audit.written_once import Step, forbid, permit

TABLE = "records_submission"


def where_made_anew(step: Step) -> Step:
    """The step on SQLite, and nothing elsewhere."""

    def only_there(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "sqlite":
            step(apps, editor)

    return only_there


TAKE_DOWN, PUT_UP = where_made_anew(permit(TABLE)), where_made_anew(forbid(TABLE))


class Migration(migrations.Migration):
    """`sent_by` may be nobody, where the way is the link."""

    dependencies = [
        ("records", "0010_looks_written_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(TAKE_DOWN, PUT_UP),
        migrations.AlterField(
            model_name="sheetdraft",
            name="way",
            field=models.CharField(
                choices=[
                    ("own", "On their own device"),
                    ("tablet", "On the clinic's tablet"),
                    ("link", "By the link mailed for a visit"),
                    ("paper", "On paper"),
                    ("asked", "Asked by staff"),
                ],
                max_length=6,
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="sent_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="way",
            field=models.CharField(
                choices=[
                    ("own", "On their own device"),
                    ("tablet", "On the clinic's tablet"),
                    ("link", "By the link mailed for a visit"),
                    ("paper", "On paper"),
                    ("asked", "Asked by staff"),
                ],
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(("way", "link"), ("sent_by__isnull", False), _connector="OR"),
                name="without_an_account_it_came_by_a_link",
            ),
        ),
        migrations.RunPython(PUT_UP, TAKE_DOWN),
    ]
