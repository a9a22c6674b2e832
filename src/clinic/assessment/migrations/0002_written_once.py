"""Triggers that forbid changing or deleting what was found, thought, concluded, planned, signed."""

from django.db import migrations

from clinic.audit.written_once import forbid, permit

TABLES = (
    "assessment_observation",
    "assessment_impression",
    "assessment_showing",
    "assessment_history",
    "assessment_assessment",
    "assessment_plan",
    "assessment_planchange",
    "assessment_signedplan",
)


class Migration(migrations.Migration):
    """Findings are corrected by what follows them; the rest is written once."""

    dependencies = [("assessment", "0001_initial")]
    operations = [migrations.RunPython(forbid(*TABLES), permit(*TABLES))]
