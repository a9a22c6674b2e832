"""What notes of a clinic begin with, in every version."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table: the versions of all templates."""

    dependencies = [
        ("practice", "0001_initial"),
        ("records", "0013_courses_written_once"),
    ]
    operations = [
        migrations.CreateModel(
            name="NoteTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("template", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("text", models.TextField()),
                ("is_offered", models.BooleanField(default=True)),
                ("at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.staff",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("template", "version"), name="one_template_holds_a_version"
                    )
                ],
            },
        ),
    ]
