"""What the reasons of a stored answer rest on; those stored before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that may be empty is added without rewriting the table, so its guards stay."""

    dependencies = [("assessment", "0004_remarks_written_once")]
    operations = [
        migrations.AddField(
            model_name="assessment", name="grounds", field=models.JSONField(null=True)
        )
    ]
