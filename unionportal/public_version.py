"""A number that moves on with every write to what public pages show: the cheap half of a page's validator.

A sequence, not a row: writers never wait for one another. It moves when a statement runs, a moment before its
transaction is visible, so it is only used together with the minute (`unionportal.public_pages`): what was rendered
in between is asked for again within sixty seconds.
"""

from __future__ import annotations

from django.db import connection
from django.db.migrations import RunSQL

SEQUENCE = "unionportal_public_version"
TRIGGER = "public_version_moves"


def moved_by(table: str) -> RunSQL:
    """Migration operation: every statement that writes to `table` moves the version on."""
    return RunSQL(
        f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()",
        f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}",
    )


def public_version() -> int:
    """The version as it stands; one look at one row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT last_value FROM {SEQUENCE}")
        return int(cursor.fetchone()[0])
