"""On SQLite a trigger that forbids replacing a row in each table whose rows are written once."""

from django.db import migrations

from clinic.audit.written_once import forbid_replacing_everywhere


class Migration(migrations.Migration):
    """Tables made later get theirs with their other triggers."""

    dependencies = [("audit", "0003_taken")]
    operations = [migrations.RunPython(forbid_replacing_everywhere, migrations.RunPython.noop)]
