"""`manage.py check` refuses a database in which Chinese text is stored or found wrongly."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, connections

from unionportal.checks import check_chinese_trigrams, check_database_encoding

pytestmark = pytest.mark.django_db


@pytest.fixture
def database_of_locale_c(request: pytest.FixtureRequest) -> Iterator[str]:
    """The alias of a database as `initdb` makes it on a machine without any locale."""
    name = f"{connection.settings_dict['NAME']}_locale_c"
    # A connection of its own: a database cannot be made inside a test's transaction.
    parameters = connection.get_connection_params()
    login = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    with psycopg.connect(**login, dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 LOCALE 'C' ENCODING '{request.param}'")
        other = connection.copy(alias="locale_c")
        other.settings_dict["NAME"] = name
        connections["locale_c"] = other
        yield request.param
        other.close()
        del connections["locale_c"]
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_the_portals_own_database_passes() -> None:
    assert check_database_encoding(None, databases=["default"]) == []
    assert check_chinese_trigrams(None, databases=["default"]) == []


def test_no_database_is_asked_unless_the_check_was_called_for_one() -> None:
    assert check_database_encoding(None, databases=None) == []
    assert check_chinese_trigrams(None, databases=None) == []


@pytest.mark.parametrize("database_of_locale_c", ["UTF8"], indirect=True)
def test_a_database_without_chinese_letters_is_an_error_with_the_way_out(database_of_locale_c: str) -> None:
    (error,) = check_chinese_trigrams(None, databases=["locale_c"])
    assert error.id == "unionportal.E002"
    assert "LC_CTYPE 'C.UTF-8'" in (error.hint or "")


@pytest.mark.parametrize("database_of_locale_c", ["SQL_ASCII"], indirect=True)
def test_a_database_of_another_encoding_is_an_error(database_of_locale_c: str) -> None:
    (error,) = check_database_encoding(None, databases=["locale_c"])
    assert error.id == "unionportal.E001"


@pytest.mark.parametrize("database_of_locale_c", ["UTF8"], indirect=True)
def test_the_check_leaves_no_extension_behind(database_of_locale_c: str) -> None:
    check_chinese_trigrams(None, databases=["locale_c"])
    with connections["locale_c"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")
        assert cursor.fetchone() == (0,)
