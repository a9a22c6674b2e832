"""What a record says of allergies agrees with what its chart lists: merges and ends left it behind."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef


def say_as_listed(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    patients = apps.get_model("patients", "Patient").objects
    allergies = apps.get_model("patients", "Allergy").objects
    listed = Exists(allergies.filter(patient=OuterRef("pk"), ended_on=None))
    patients.filter(listed).exclude(allergy_status="known").update(allergy_status="known")
    patients.filter(~listed, allergy_status="known").update(allergy_status="not_recorded")


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_lines_ended_by_whom")]

    operations = [migrations.RunPython(say_as_listed, migrations.RunPython.noop)]
