"""The demonstration, loaded once for the tests of a module and rolled back after them."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction


@pytest.fixture(scope="module")
def demo_city(django_db_setup: None, django_db_blocker) -> Iterator[str]:
    """What ``manage.py demo`` printed. What a `django_db` test writes is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        said = StringIO()
        call_command("demo", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)
