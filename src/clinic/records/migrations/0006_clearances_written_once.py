"""Triggers that forbid changing or deleting a clearance."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_screeningclearance",)


class Migration(migrations.Migration):
    """A clearance is written once; it is taken back by another row."""

    dependencies = [("records", "0005_screening")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
