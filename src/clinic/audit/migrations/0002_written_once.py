"""Triggers that forbid changing or deleting what the audit holds, on both engines."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("audit_entry", "audit_link")


class Migration(migrations.Migration):
    """Rows of the audit are written once."""

    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
