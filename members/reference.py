"""Reference data that the code counts on: occupation groups, and the notice with its consent.

Loaded after every migrate. Rows that exist are left as staff have made them; missing ones are added.
"""

from __future__ import annotations

import csv
import datetime
import re
from typing import Any

from django.conf import settings

from members.models import ConsentText, OccupationGroup


def load_reference(**signal: Any) -> None:
    """Add the occupation groups and the versions of the notice that the database does not hold yet."""
    _load_occupation_groups()
    _load_consents()


def _load_occupation_groups() -> None:
    known = set(OccupationGroup.objects.values_list("code", flat=True))
    with (settings.REFERENCE_DIR / "occupation_groups.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    OccupationGroup.objects.bulk_create(
        [
            OccupationGroup(
                code=row["code"],
                name=row["name"],
                name_en=row["name_en"],
                synonyms=[word for word in row["synonyms"].split("|") if word],
                is_eight_group=row["is_eight_group"] == "1",
                is_key_group=row["is_key_group"] == "1",
                position=position * 10,
            )
            for position, row in enumerate(rows, start=1)
            if row["code"] not in known
        ],
        ignore_conflicts=True,
    )


def _load_consents() -> None:
    known = set(ConsentText.objects.values_list("version", flat=True))
    for path in sorted((settings.REFERENCE_DIR / "consents").glob("*.md")):
        consent = read_consent(path.read_text(encoding="utf-8"))
        if consent.version not in known:
            consent.save(force_insert=True)


def read_consent(text: str) -> ConsentText:
    """A version from its file: ``version: …`` and ``in_force_from: …``, then ``# notice`` and ``# pledge``.

    Raises KeyError for a missing part, ValueError for a date that is none.
    """
    parts = dict(re.findall(r"^# (\w+)\n(.*?)(?=^# |\Z)", text, re.MULTILINE | re.DOTALL))
    head = dict(re.findall(r"^(\w+): *(\S+)$", text.partition("\n# ")[0], re.MULTILINE))
    return ConsentText(
        version=head["version"],
        in_force_from=datetime.date.fromisoformat(head["in_force_from"]),
        notice=parts["notice"].strip(),
        pledge=parts["pledge"].strip(),
    )
