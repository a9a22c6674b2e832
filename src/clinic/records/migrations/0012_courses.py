"""When a new course of treatment begins, with which consent is asked anew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Plans that were signed before begin none: consents given by then end as they said."""

    dependencies = [("records", "0011_sent_by_link")]
    operations = [
        migrations.CreateModel(
            name="CourseBegun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="course_begun",
                        to="records.visit",
                    ),
                ),
            ],
        ),
    ]
