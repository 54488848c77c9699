"""Reference data that the code counts on: the administrative divisions.

Loaded after every migrate. Rows that exist are left as staff have made them; missing ones are added.
"""

from __future__ import annotations

import csv
from typing import Any

from django.conf import settings

from unionportal.organizations.models import Division


def load_divisions(**signal: Any) -> None:
    """Add the divisions of ``fixtures/reference/divisions.csv`` that the database does not hold yet."""
    with (settings.REFERENCE_DIR / "divisions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if Division.objects.filter(is_official=True).count() >= len(rows):
        return
    Division.objects.bulk_create(
        [
            Division(code=row["code"], name=row["name"], level=row["level"], parent_id=row["parent"] or None)
            for row in rows
        ],
        ignore_conflicts=True,
    )
