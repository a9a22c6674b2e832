"""Words beside the fields of a consent; those given before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that may be empty is added without rewriting the table, so its guards stay."""

    dependencies = [("records", "0015_note_templates_written_once")]
    operations = [
        migrations.AddField(
            model_name="consent", name="words", field=models.JSONField(blank=True, null=True)
        )
    ]
