"""A screening that was begun held answers of last time that nobody had given: they go."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def only_what_was_typed(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    drafts = apps.get_model("records", "SheetDraft").objects
    for draft in drafts.filter(sheet__form="screening", sheet__submissions=None):
        typed = {name: said for name, said in draft.raw.items() if name in draft.touched}
        if typed != draft.raw:
            drafts.filter(pk=draft.pk).update(raw=typed, revision=draft.revision + 1)


class Migration(migrations.Migration):
    """What was typed stays; what was carried over is asked."""

    dependencies = [("records", "0016_consent_words")]
    operations = [migrations.RunPython(only_what_was_typed, migrations.RunPython.noop)]
