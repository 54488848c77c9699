"""System checks of the database: with a wrong locale no Chinese name is found by its like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ProgrammingError

# Two names of one station as found in two lists; they share three of ten trigrams.
SIMILAR_NAMES = ("昆明驿站", "昆明市职工驿站")


@register(Tags.database)
def check_database_encoding(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A database that is not UTF-8 cannot hold rare characters of personal names (GB 18030)."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
        if encoding != "UTF8":
            found.append(
                Error(
                    f"The database stores text as {encoding}, not UTF8.",
                    hint="Make the database anew: CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C.UTF-8' "
                    "TEMPLATE template0; then restore a backup.",
                    id="unionportal.E001",
                )
            )
    return found


@register(Tags.database)
def check_chinese_trigrams(
    app_configs: Sequence[AppConfig] | None, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """pg_trgm takes a character for a letter or not by lc_ctype: under "C" Chinese text has no trigrams."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        try:
            similarity = _similarity(connections[alias])
        except ProgrammingError as error:
            found.append(
                Warning(
                    f"The extension pg_trgm is missing and cannot be made: {str(error).strip()}",
                    hint="Let a superuser run CREATE EXTENSION pg_trgm in this database.",
                    id="unionportal.W001",
                )
            )
            continue
        if similarity <= 0:
            found.append(
                Error(
                    "The database does not take Chinese characters for letters: likeness finds nothing.",
                    hint="The database was made with the character type C. Make it anew: CREATE DATABASE … "
                    "ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' TEMPLATE template0; then restore a backup.",
                    id="unionportal.E002",
                )
            )
    return found


def _similarity(connection: BaseDatabaseWrapper) -> float:
    """pg_trgm's similarity of the two names. Before the first `migrate` the extension is made and removed."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        installed = cursor.fetchone()[0]
        if not installed:
            cursor.execute("CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT similarity(%s, %s)", SIMILAR_NAMES)
        similarity = float(cursor.fetchone()[0])
        if not installed:
            cursor.execute("DROP EXTENSION pg_trgm")
    return similarity
