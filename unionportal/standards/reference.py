"""Published standards that every installation begins with: ``fixtures/reference/standards.json``.

Loaded after every migrate. A version that exists is left as it is; missing ones are added with their source.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from unionportal.standards.models import Criterion, Grade, Standard


def load_standards(**signal: Any) -> None:
    """Add the standards of the reference file that the database does not hold yet."""
    load_file(settings.REFERENCE_DIR / "standards.json")


@transaction.atomic
def load_file(path: Path) -> list[Standard]:
    """Add the standards of a JSON file and return those that were new."""
    known = set(Standard.objects.values_list("slug", "version"))
    told = [one for one in json.loads(path.read_text("utf-8")) if (one["slug"], one["version"]) not in known]
    return [_add(one) for one in told]


def _add(told: dict[str, Any]) -> Standard:
    criteria, grades = told.pop("criteria"), told.pop("grades", ())
    standard = Standard.objects.create(**told)
    Criterion.objects.bulk_create(
        [Criterion(standard=standard, position=place, **one) for place, one in enumerate(criteria, 1)]
    )
    Grade.objects.bulk_create([Grade(standard=standard, **one) for one in grades])
    return standard
