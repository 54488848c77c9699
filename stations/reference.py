"""Reference data that the code counts on: kinds of station and host, the facility catalogue.

Loaded after every migrate. Rows that exist are left as staff have made them; missing ones are added.
"""

from __future__ import annotations

import csv
from typing import Any

from django.conf import settings

from stations.models import Facility, HostKind, StationKind
from stations.models.catalogues import Catalogue

_FILES: dict[type[Catalogue], str] = {
    StationKind: "station_kinds.csv",
    HostKind: "host_kinds.csv",
    Facility: "facilities.csv",
}


def load_catalogues(**signal: Any) -> None:
    """Add the entries of the three catalogue files that the database does not hold yet."""
    for model, name in _FILES.items():
        known = set(model._default_manager.values_list("code", flat=True))
        with (settings.REFERENCE_DIR / name).open(encoding="utf-8") as file:
            rows = [(place, row) for place, row in enumerate(csv.DictReader(file), 1) if row["code"] not in known]
        columns = {field.name for field in model._meta.concrete_fields}
        model._default_manager.bulk_create(
            [
                model(
                    name=row["name_zh"],
                    synonyms=[word for word in row["synonyms"].split("|") if word],
                    position=place * 10,
                    **{key: value for key, value in row.items() if key in columns - {"name", "synonyms"} and value},
                )
                for place, row in rows
            ],
            ignore_conflicts=True,
        )
