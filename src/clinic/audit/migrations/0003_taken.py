"""Which forms were taken, so that a browser knows when to let go of what was typed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_written_once")]

    operations = [
        migrations.CreateModel(
            name="Taken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=32)),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("mark", "actor"), name="a_form_is_taken_once")
                ],
            },
        ),
    ]
