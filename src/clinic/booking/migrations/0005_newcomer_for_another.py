"""Whether somebody else booked for a newcomer, whose address it then is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column; of those there are nobody knows."""

    dependencies = [("booking", "0004_link_round")]

    operations = [
        migrations.AddField(
            model_name="newcomer",
            name="is_for_another",
            field=models.BooleanField(default=False),
        ),
    ]
