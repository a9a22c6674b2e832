"""Triggers that forbid changing or deleting answers that were sent."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_submission",)


class Migration(migrations.Migration):
    """Answers are written once; a correction is another sending."""

    dependencies = [("records", "0003_sheets")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
