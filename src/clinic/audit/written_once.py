"""Triggers for tables whose rows are written once: the database itself refuses UPDATE and DELETE.

For migrations of any part. On PostgreSQL TRUNCATE is refused as well. On SQLite so is an INSERT
under a key that is taken: INSERT OR REPLACE would take the old row away, and no trigger for DELETE
hears of that unless the connection asked for it. Therefore INSERT OR IGNORE fails there too: who
may come second looks first, in the same transaction. Whoever may change the schema can still drop
a trigger; the chain is there to show it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

Step = Callable[[Apps, BaseDatabaseSchemaEditor], None]

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is written once'); END
"""
NO_REPLACE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_REPLACE BEFORE INSERT ON {table}
WHEN {taken}
BEGIN SELECT RAISE(ABORT, '{table} is written once'); END
"""
# A condition of an index names bare columns: of the row that comes they are given the same names.
TAKEN = "EXISTS (SELECT 1 FROM {table} WHERE {same}{and_where}){and_comes}"
COMES = " AND EXISTS (SELECT 1 FROM (SELECT {columns}) WHERE {where})"
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
            else:
                _forbid_replacing(editor, table)

    step.tables = tables  # type: ignore[attr-defined] # for who asks which tables stay as they are
    return step


def forbid_replacing_everywhere(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """A migration step for tables whose rows were made to stay before replacing was refused too."""
    if editor.connection.vendor == "postgresql":
        return  # it has no REPLACE
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_UPDATE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
    for table in tables:
        _forbid_replacing(editor, table)


def _forbid_replacing(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    taken = " OR ".join(_taken(editor, table))
    editor.execute(NO_REPLACE.format(table=table, taken=taken), params=None)


def _taken(editor: BaseDatabaseSchemaEditor, table: str) -> list[str]:
    """For each key of a table, the primary one first: whether the row that comes has it again."""
    found = []
    with editor.connection.cursor() as cursor:
        cursor.execute(f"PRAGMA table_info({table})")
        columns = {row[1]: row[5] for row in cursor.fetchall()}
        keys = {tuple(name for name, place in columns.items() if place): ""}
        cursor.execute(f"PRAGMA index_list({table})")
        for index in [row[1] for row in cursor.fetchall() if row[2]]:
            cursor.execute(f"PRAGMA index_info({index})")
            key = tuple(row[2] for row in cursor.fetchall())
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [index])
            condition = re.search(r"\bWHERE\b(.*)", cursor.fetchone()[0] or "", re.DOTALL)
            keys[key] = condition[1].strip() if condition else ""
    comes = ", ".join(f'NEW."{name}" AS "{name}"' for name in columns)
    for key, where in keys.items():
        found.append(
            TAKEN.format(
                table=table,
                same=" AND ".join(f'"{name}" = NEW."{name}"' for name in key),
                and_where=f" AND ({where})" if where else "",
                and_comes=COMES.format(columns=comes, where=where) if where else "",
            )
        )
    return found


def permit(*tables: str) -> Step:
    """The way back of `forbid`."""

    def step(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        on = editor.connection.vendor == "postgresql"
        for table in tables:
            for verb in ("UPDATE", "DELETE", *(("TRUNCATE",) if on else ())):
                where = f" ON {table}" if on else ""
                editor.execute(f"DROP TRIGGER {table}_no_{verb}{where}", params=None)
            if not on:
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_REPLACE", params=None)

    return step
