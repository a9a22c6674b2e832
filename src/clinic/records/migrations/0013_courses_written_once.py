"""Triggers that forbid changing or deleting the beginning of a course."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_coursebegun",)


class Migration(migrations.Migration):
    """What ended a consent stays to be read."""

    dependencies = [("records", "0012_courses")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
