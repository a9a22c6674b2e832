"""Words beside fields."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0002_written_once"),
        ("practice", "0001_initial"),
        ("records", "0008_consent_written_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="Remark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sign", models.CharField(max_length=40)),
                ("site", models.CharField(blank=True, max_length=60)),
                ("level", models.CharField(blank=True, max_length=12)),
                ("side", models.CharField(max_length=8)),
                ("revision", models.PositiveIntegerField()),
                ("text", models.CharField(blank=True, max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="practice.staff",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="records.visit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("visit", "sign", "site", "level", "side", "staff", "revision"),
                        name="one_remark_holds_a_revision",
                    )
                ],
            },
        ),
    ]
