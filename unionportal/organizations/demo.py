"""The demonstration's divisions, organisations, partners and accounts, from ``fixtures/demo`` (see its README)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from unionportal.organizations.actions import add_organization, open_account
from unionportal.organizations.models import Division, Organization, Partner, PartnerAgreement
from unionportal.organizations.roles import Role


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of the demonstration."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_accounts(folder: Path) -> dict[str, Any]:
    """accounts.json: the common password, and each account with its organisation, roles and stations kept."""
    return json.loads((folder / "accounts.json").read_text(encoding="utf-8"))


def load_organizations(folder: Path) -> None:
    """Zones, the tree of organisations and the partners of the federation; superiors stand first in the file."""
    Division.objects.bulk_create(
        [
            Division(
                code=row["code"],
                name=row["name"],
                level=row["level"],
                parent_id=row["parent"],
                is_official=False,
            )
            for row in rows_of(folder / "extra_divisions.csv")
        ],
        ignore_conflicts=True,
    )
    known: dict[str, Organization] = {}
    for row in rows_of(folder / "organizations.csv"):
        known[row["code"]] = add_organization(
            parent=known[row["parent_code"]] if row["parent_code"] else None,
            by=None,
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            industry_superior=known.get(row["industry_parent_code"]),
            division_id=row["division_code"] or None,
            credit_code=row["credit_code"] or None,
            founded_on=row["founded_on"] or None,
            chair=row["chair"],
            term_from=row["term_from"] or None,
            term_years=int(row["term_years"]) if row["term_years"] else None,
            is_catch_all=row["is_catch_all"] == "1",
            status=row["status"],
        )
    for row in rows_of(folder / "partners.csv"):
        partner = Partner(
            organization=known[row["organization_code"]],
            name=row["name"],
            kind=row["kind"],
            is_shared=row["is_shared"] == "1",
        )
        partner.full_clean()
        partner.save()
        agreement = PartnerAgreement(
            partner=partner,
            role=row["role"],
            subject=row["subject"],
            number=row["number"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"] or None,
        )
        agreement.full_clean()
        agreement.save()


def load_accounts(folder: Path) -> None:
    """Accounts of every role at city, county and street, all with the one password that the README states."""
    read = read_accounts(folder)
    organizations = Organization.objects.in_bulk(field_name="code")
    for row in read["accounts"]:
        open_account(
            username=row["username"],
            display_name=row["display_name"],
            organization=organizations[row["organization"]],
            roles=[(Role(role), organizations[code]) for role, code in row["roles"]],
            password=read["password"],
            by=None,
        )
