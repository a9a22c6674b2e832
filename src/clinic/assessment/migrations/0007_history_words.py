"""Words beside the short fields of a history; those told before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that may be empty is added without rewriting the table, so its guards stay."""

    dependencies = [("assessment", "0006_concluded")]
    operations = [
        migrations.AddField(
            model_name="history", name="words", field=models.JSONField(blank=True, null=True)
        )
    ]
