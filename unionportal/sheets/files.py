"""The file of a run, sealed in the database. It goes in and out in binary form: written into the text of a query it
would lie in memory ten times.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from unionportal.privacy import seal_bytes, unseal_bytes
from unionportal.sheets.models import SheetRun

_SEALED_FOR = "sheets.SheetRun.content"


def keep_file(run: SheetRun, content: bytes) -> None:
    """Store the file of a run that has been saved."""
    sealed = seal_bytes(content, _SEALED_FOR)
    with _cursor() as cursor:
        cursor.execute("UPDATE sheets_sheetrun SET content = %b WHERE id = %s", [sealed, run.pk])


def file_of(run: SheetRun) -> io.BytesIO:
    """The run's file, which nobody else holds: whoever has read its rows lets it go.

    Raises ValidationError once it has been deleted.
    """
    with _cursor() as cursor:
        row = cursor.execute("SELECT content FROM sheets_sheetrun WHERE id = %s", [run.pk], binary=True).fetchone()
    if row is None or row[0] is None:
        raise ValidationError(
            _("The file has been deleted after %(days)d days: hand it in again.") % {"days": settings.SHEETS_KEEP_DAYS}
        )
    return io.BytesIO(unseal_bytes(row[0], _SEALED_FOR))


@contextlib.contextmanager
def _cursor() -> Iterator[psycopg.Cursor[tuple[bytes | None]]]:
    """A cursor of psycopg's own on Django's connection: Django's writes all parameters into the query."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor
