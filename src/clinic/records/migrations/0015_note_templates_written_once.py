"""Triggers that forbid changing or deleting a version of a note template."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_notetemplate",)


class Migration(migrations.Migration):
    """A version is followed by the next one and never written over."""

    dependencies = [("records", "0014_note_templates")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
