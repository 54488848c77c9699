"""The floor: no program that reads this workbook and writes it into this table can do less.

The cells are parsed (calamine), written by COPY and put into the table of the members by one upsert, with all its
indexes and its history trigger. Nothing is checked; numbers are encrypted, hashed and transcribed beforehand, outside
of the time that counts.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from members.models import Member, OccupationGroup
from unionportal.names import initials, sort_key
from unionportal.organizations.models import Organization
from unionportal.privacy import lookup_hasher, sealer

COLUMNS = (
    *("organization_id", "name", "id_type", "id_number", "id_hash", "phone", "phone_hash", "gender", "birth_date"),
    *("ethnic_group", "household", "occupation_group_id", "employer_name", "joined_on", "remarks", "name_key"),
    *("initials", "verification", "verification_method", "state", "state_reason", "card_number"),
    *("created_at", "updated_at"),
)


class PlainImport:
    """Prepare with the file, then `write` as often as wanted."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.unions = dict(Organization.objects.values_list("name", "pk"))
        self.groups = {word: g.pk for g in OccupationGroup.objects.all() for word in (g.name, *g.synonyms)}
        sealed = ("id_number", "phone", "remarks")
        seal_id, seal_phone, seal_remarks = (sealer(Member._meta.get_field(name).context) for name in sealed)
        hash_id, hash_phone = lookup_hasher("id_number"), lookup_hasher("phone")
        self.ready = {}
        for name, _type, id_number, phone, *_rest, remarks in self._read():
            born = datetime.date.fromisoformat(id_number[6:14])
            remarks = seal_remarks(remarks) if remarks else ""
            numbers = (seal_id(id_number), hash_id(id_number), seal_phone(phone), hash_phone(phone), remarks)
            self.ready[id_number] = (*numbers, born, sort_key(name), initials(name)[:60])

    def _read(self) -> list[list[Any]]:
        return CalamineWorkbook.from_path(str(self.file)).get_sheet_by_index(0).to_python()[1:]

    def write(self) -> int:
        """From the file to committed rows; returns their number."""
        names = ", ".join(COLUMNS)
        changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE plain ON COMMIT DROP AS SELECT {names} FROM members_member LIMIT 0")
            with cursor.copy(f"COPY plain ({names}) FROM STDIN") as copy:
                for number, row in enumerate(self._read()):
                    copy.write_row(self._cells(number, row))
            cursor.execute(
                f"INSERT INTO members_member ({names}) SELECT {names} FROM plain "
                f"ON CONFLICT (id_type, id_hash) DO UPDATE SET {changes}"
            )
            return int(cursor.rowcount)

    def _cells(self, number: int, row: list[Any]) -> tuple[Any, ...]:
        name, _type, id_number, _phone, gender, nation, household, group, employer, union, joined, _remarks = row
        sealed, hashed, phone, phone_hash, remarks, born, key, short = self.ready[id_number]
        now = timezone.now()
        return (
            *(self.unions[union], name, "resident_id", sealed, hashed, phone, phone_hash),
            *("M" if gender == "男" else "F", born, nation, "rural" if household == "农村" else "urban"),
            *(self.groups[group], employer, joined, remarks, key, short, "unverified", "", "active", ""),
            *(f"530102{number:08d}", now, now),
        )
