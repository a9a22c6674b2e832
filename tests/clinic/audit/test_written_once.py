"""Tables whose rows are written once, on SQLite: no row is replaced by one under the same key.

The tables are those that the database's own triggers name, and their keys those of its own indices;
rows are made of whatever fits the columns, since nothing but a key is asked of them here.
"""

import re
import shutil
import sqlite3

import databases
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython

from clinic.audit.written_once import forbid_replacing_everywhere

EARLY, LATE = 1, 1001  # what rows of one test are made of: the same numbers, or others


@pytest.fixture
def file(sqlite_template, tmp_path):
    """A database of its own, opened as anybody may open the file."""
    shutil.copy(sqlite_template, tmp_path / "clinic.sqlite3")
    connection = sqlite3.connect(tmp_path / "clinic.sqlite3", isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    yield connection
    connection.close()


def written_once(file):
    asked = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_UPDATE'"
    return [row[0] for row in file.execute(asked)]


def keys_of(file, table):
    """The columns of each unique index, the primary key too, each with its condition."""
    columns = file.execute(f"PRAGMA table_info({table})").fetchall()
    yield [row[1] for row in columns if row[5]], ""
    for index in [row[1] for row in file.execute(f"PRAGMA index_list({table})") if row[2]]:
        made = file.execute("SELECT sql FROM sqlite_master WHERE name = ?", [index]).fetchone()[0]
        condition = re.search(r"WHERE (.*)", made or "")
        inside = [row[2] for row in file.execute(f"PRAGMA index_info({index})")]
        yield inside, condition[1] if condition else ""


def a_row(file, table, first):
    """Values for every column; flags are down, so that a condition such as `NOT flag` holds."""
    row = {}
    for place, name, kind, *_rest in file.execute(f"PRAGMA table_info({table})").fetchall():
        number = first + place
        is_number = "INT" in kind.upper()
        row[name] = 0 if kind == "bool" else number if is_number else f"{number:032}"
    return row


def write(file, table, row, verb="INSERT"):
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    file.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def rows(file, table):
    return file.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608


def test_no_row_that_is_written_once_is_replaced_by_another_under_any_of_its_keys(file):
    tried = 0
    for table in written_once(file):
        old = a_row(file, table, EARLY)
        write(file, table, old)
        before = rows(file, table)
        for key, _condition in keys_of(file, table):
            assert key, table
            new = a_row(file, table, LATE) | {name: old[name] for name in key}
            for verb in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"):
                with pytest.raises(sqlite3.IntegrityError, match="written once"):
                    write(file, table, new, verb)
            assert rows(file, table) == before, (table, key)
            tried += 1
        write(file, table, a_row(file, table, LATE), "INSERT OR REPLACE")  # under no key of another
        assert len(rows(file, table)) == 2, table

    assert tried > 25
    assert {"audit_entry", "audit_link", "records_note"} <= set(written_once(file))


def test_a_row_that_a_condition_leaves_out_of_a_key_is_no_second_one(file):
    """As a reading set aside is not: two of them, or one beside one that stands."""
    found = 0
    for table in written_once(file):
        for key, condition in keys_of(file, table):
            if condition:
                flag = re.fullmatch(r'NOT "(\w+)"', condition)[1]
                old = a_row(file, table, EARLY)
                aside = a_row(file, table, LATE) | {name: old[name] for name in key} | {flag: 1}
                write(file, table, old)
                write(file, table, aside)
                assert len(rows(file, table)) == 2
                found += 1

    assert found


def test_a_number_that_the_database_gives_is_never_taken_for_one_that_is_there(file):
    row = a_row(file, "audit_entry", EARLY)
    for number in range(5):
        del row["id"]
        row |= {"uid": f"{number:032}"}
        write(file, "audit_entry", row)
        row = {"id": 0} | row

    assert len(rows(file, "audit_entry")) == 5


def test_every_table_that_a_migration_made_to_stay_still_refuses_all_of_it(file):
    """A later change of such a table makes it anew, on SQLite, and loses its triggers."""
    told = set()
    for migration in MigrationLoader(None).disk_migrations.values():
        for step in migration.operations:
            if isinstance(step, RunPython) and hasattr(step.code, "tables"):
                told |= set(step.code.tables)
    asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    triggers = {row[0] for row in file.execute(asked)}

    assert len(told) > 15
    wanted = {f"{table}_no_{verb}" for table in told for verb in ("UPDATE", "DELETE", "REPLACE")}
    assert wanted <= triggers


def test_what_an_older_database_lacks_the_migration_adds(file, tmp_path, django_db_blocker):
    for table in written_once(file):
        file.execute(f"DROP TRIGGER {table}_no_REPLACE")
    old = a_row(file, "audit_entry", EARLY)
    write(file, "audit_entry", old)
    write(file, "audit_entry", old, "REPLACE")  # so it was

    with django_db_blocker.unblock():
        former = databases.point_at(databases.sqlite_in(tmp_path))
        with connection.schema_editor() as editor:
            forbid_replacing_everywhere(None, editor)
        databases.point_at({"ENGINE": former["ENGINE"], **former})

    for table in written_once(file):
        old = a_row(file, table, LATE)
        write(file, table, old)
        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            write(file, table, old, "REPLACE")
