"""Which forms were taken, so that a browser knows when to let go of what was typed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_written_once")]

    operations = [
        migrations.CreateModel(
            name="Taken",
            fields=[
                ("mark", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
