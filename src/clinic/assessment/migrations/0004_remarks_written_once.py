"""Triggers that forbid changing or deleting what was written beside a field."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit


class Migration(migrations.Migration):
    """Words are corrected by what follows them."""

    dependencies = [("assessment", "0003_remarks")]
    operations = [migrations.RunPython(forbid("assessment_remark"), permit("assessment_remark"))]
