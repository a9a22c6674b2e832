"""The round of a visit's mailed links; a new one ends those before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty in every row: links of before stay good. Its table is not made anew for it."""

    dependencies = [("booking", "0003_sheets_by_link")]
    operations = [
        migrations.AddField(
            model_name="booking",
            name="link_round",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        )
    ]
