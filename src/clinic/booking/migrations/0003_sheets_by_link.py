"""Which sheets were begun by the link of a visit."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A row for each, from the visit to the sheet."""

    dependencies = [
        ("booking", "0002_guard"),
        ("records", "0011_sent_by_link"),
    ]

    operations = [
        migrations.CreateModel(
            name="SheetByLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets_by_link",
                        to="booking.booking",
                    ),
                ),
                (
                    "sheet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="by_link",
                        to="records.sheet",
                    ),
                ),
            ],
        ),
    ]
