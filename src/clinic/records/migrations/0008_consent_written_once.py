"""Triggers that forbid changing or deleting a consent and its withdrawal."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = ("records_consent", "records_consentwithdrawal")


class Migration(migrations.Migration):
    """A consent is written once; it ends by its day or by a withdrawal."""

    dependencies = [("records", "0007_consent")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
