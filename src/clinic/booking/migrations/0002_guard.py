"""The guard: from here on the database itself refuses overlaps, on both engines."""

from django.db import migrations

from clinic.booking.guard import put_up, take_down


class Migration(migrations.Migration):
    """No resource in two places."""

    dependencies = [("booking", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]
