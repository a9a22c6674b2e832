"""Triggers that forbid changing or deleting a look: who opened a reply first stays so."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_look",)


class Migration(migrations.Migration):
    """A look is written once, by the first who opens what came in."""

    dependencies = [("records", "0009_looks")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
