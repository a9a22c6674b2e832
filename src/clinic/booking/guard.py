"""The guard: what makes the database itself refuse two bookings of one resource at one time.

PostgreSQL has an exclusion constraint, SQLite triggers before each insert and change. Spans are
half-open, so that one visit may begin in the second in which another ends. A further trigger keeps
the patient's occupancy with the patient when a booking moves to another record (merged or taken
apart): a merge that would put one person in two places fails as a whole.
"""

from __future__ import annotations

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OVERLAP = "this resource is occupied then"

POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    ALTER TABLE booking_occupancy ADD CONSTRAINT never_in_two_places EXCLUDE USING gist (
        resource_id WITH =, lane WITH =, int8range(begins, ends, '[)') WITH &&
    )
    """,
)
POSTGRESQL_FOLLOW = (
    """
    CREATE OR REPLACE FUNCTION patient_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO booking_resource (key)
        VALUES ('patient:' || replace(NEW.patient_id::text, '-', '')) ON CONFLICT DO NOTHING;
      UPDATE booking_occupancy SET resource_id = (
          SELECT id FROM booking_resource
          WHERE key = 'patient:' || replace(NEW.patient_id::text, '-', ''))
        WHERE booking_id = NEW.id AND resource_id = (
          SELECT id FROM booking_resource
          WHERE key = 'patient:' || replace(OLD.patient_id::text, '-', ''));
      RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER booking_patient_follows AFTER UPDATE OF patient_id ON booking_booking
    FOR EACH ROW WHEN (OLD.patient_id IS NOT NULL AND NEW.patient_id IS NOT NULL
      AND OLD.patient_id IS DISTINCT FROM NEW.patient_id)
    EXECUTE FUNCTION patient_follows()
    """,
)
_EXISTS = f"""
    WHEN EXISTS (
        SELECT 1 FROM booking_occupancy AS other
        WHERE other.resource_id = NEW.resource_id AND other.lane = NEW.lane
          AND other.begins > NEW.begins - 86400 AND other.begins < NEW.ends
          AND other.ends > NEW.begins AND other.id IS NOT NEW.id
    )
    BEGIN SELECT RAISE(ABORT, '{OVERLAP}'); END
"""  # noqa: S608 - no word of it comes from outside
SQLITE = (
    f"CREATE TRIGGER never_in_two_places_insert BEFORE INSERT ON booking_occupancy {_EXISTS}",
    (
        "CREATE TRIGGER never_in_two_places_update BEFORE UPDATE OF resource_id, lane, begins,"
        f" ends ON booking_occupancy {_EXISTS}"
    ),
)
SQLITE_FOLLOW = (
    """
    CREATE TRIGGER booking_patient_follows AFTER UPDATE OF patient_id ON booking_booking
    WHEN OLD.patient_id IS NOT NULL AND NEW.patient_id IS NOT NULL
      AND OLD.patient_id IS NOT NEW.patient_id
    BEGIN
      INSERT OR IGNORE INTO booking_resource (key) VALUES ('patient:' || NEW.patient_id);
      UPDATE booking_occupancy SET resource_id = (
          SELECT id FROM booking_resource WHERE key = 'patient:' || NEW.patient_id)
        WHERE booking_id = NEW.id AND resource_id = (
          SELECT id FROM booking_resource WHERE key = 'patient:' || OLD.patient_id);
    END
    """,
)


def put_up(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """A migration step after which overlaps are refused."""
    is_postgresql = editor.connection.vendor == "postgresql"
    steps = POSTGRESQL + POSTGRESQL_FOLLOW if is_postgresql else SQLITE + SQLITE_FOLLOW
    for step in steps:
        editor.execute(step, params=None)


def take_down(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The way back of `put_up`."""
    for step in removal(editor.connection.vendor):
        editor.execute(step, params=None)
    on = " ON booking_booking" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER booking_patient_follows{on}", params=None)


def names(vendor: str) -> set[str]:
    """What must be there for the guard to be up."""
    if vendor == "postgresql":
        return {"never_in_two_places", "booking_patient_follows"}
    return {"never_in_two_places_insert", "never_in_two_places_update", "booking_patient_follows"}


def removal(vendor: str) -> tuple[str, ...]:
    """Statements that let overlaps through: the storm shows what happens then."""
    if vendor == "postgresql":
        return ("ALTER TABLE booking_occupancy DROP CONSTRAINT never_in_two_places",)
    return (
        "DROP TRIGGER never_in_two_places_insert",
        "DROP TRIGGER never_in_two_places_update",
    )


OVERLAPS = """
    SELECT count(*) FROM booking_occupancy AS one JOIN booking_occupancy AS other
    ON one.resource_id = other.resource_id AND one.lane = other.lane AND one.id < other.id
       AND one.begins < other.ends AND other.begins < one.ends
"""  # pairs that share a moment; zero, always
OVERLAPPING = """
    SELECT count(*) FROM (
        SELECT begins, max(ends) OVER (
            PARTITION BY resource_id, lane ORDER BY begins, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS taken_until FROM booking_occupancy
    ) AS each_row WHERE begins < taken_until
"""  # rows that begin before one has ended: zero when the pairs are, in one pass over the table
