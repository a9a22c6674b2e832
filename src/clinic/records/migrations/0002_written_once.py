"""Triggers that forbid changing or deleting a signed note and what was said of it."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_note", "records_notemark", "records_attachment")


class Migration(migrations.Migration):
    """Signed notes, their marks and attached files are written once."""

    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
