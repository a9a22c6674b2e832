"""A message knows in which zone its quiet hours are; those that wait take the first site's."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_the_main_zone(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Of the practice if there is one: the outbox itself knows of none."""
    with editor.connection.cursor() as cursor:
        if "practice_site" not in editor.connection.introspection.table_names(cursor):
            return
        cursor.execute("SELECT time_zone FROM practice_site ORDER BY id LIMIT 1")
        row = cursor.fetchone()
    if row:
        apps.get_model("outbox", "Message").objects.filter(state="waiting").update(zone=row[0])


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_sealed_values")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="zone",
            field=models.CharField(default="UTC", max_length=40),
        ),
        migrations.RunPython(take_the_main_zone, migrations.RunPython.noop),
    ]
