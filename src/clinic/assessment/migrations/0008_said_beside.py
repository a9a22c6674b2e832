"""What is added beside the needle and how much of it, in words; changes before have none."""

from django.db import migrations, models

KINDS = [
    ("remove", "Taken out"),
    ("add", "Added"),
    ("up", "Moved up"),
    ("down", "Moved down"),
    ("visit", "Moved to another visit"),
    ("insertions", "Other number of insertions"),
    ("drop", "Left out beside the needle"),
    ("adjunct", "Added beside the needle"),
    ("dose", "Other dose beside the needle"),
    ("sessions", "Other number of visits"),
]


class Migration(migrations.Migration):
    """A column that may be empty is added without rewriting the table, so its guards stay."""

    dependencies = [("assessment", "0007_history_words")]
    operations = [
        migrations.AddField(
            model_name="planchange",
            name="words",
            field=models.CharField(blank=True, max_length=200, null=True),
        ),
        migrations.AlterField(
            model_name="planchange",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10),
        ),
    ]
