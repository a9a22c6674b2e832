"""Triggers for tables whose rows are written once: the database itself refuses UPDATE and DELETE.

For migrations of any part. On PostgreSQL TRUNCATE is refused as well. Whoever may change the
schema can still drop a trigger; the chain is there to show it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

Step = Callable[[Apps, BaseDatabaseSchemaEditor], None]

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is written once'); END
"""
FUNCTION = """
CREATE OR REPLACE FUNCTION is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is written once', TG_TABLE_NAME
  USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""
POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH {each} EXECUTE FUNCTION is_written_once()
"""


def forbid(*tables: str) -> Step:
    """A migration step after which rows of `tables` stay as they were written."""

    def step(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(FUNCTION, params=None)
        for table in tables:
            for verb in ("UPDATE", "DELETE"):
                template = POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE
                editor.execute(template.format(table=table, verb=verb, each="ROW"), params=None)
            if editor.connection.vendor == "postgresql":
                editor.execute(
                    POSTGRESQL.format(table=table, verb="TRUNCATE", each="STATEMENT"), params=None
                )

    return step


def permit(*tables: str) -> Step:
    """The way back of `forbid`."""

    def step(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        on = editor.connection.vendor == "postgresql"
        for table in tables:
            for verb in ("UPDATE", "DELETE", *(("TRUNCATE",) if on else ())):
                where = f" ON {table}" if on else ""
                editor.execute(f"DROP TRIGGER {table}_no_{verb}{where}", params=None)

    return step
