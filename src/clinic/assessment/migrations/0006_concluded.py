"""The roots that a plan was asked for; those begun before rest on the model's answer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that may be empty is added without rewriting the table, so its guards stay."""

    dependencies = [("assessment", "0005_grounds")]
    operations = [
        migrations.AddField(model_name="plan", name="concluded", field=models.JSONField(null=True))
    ]
