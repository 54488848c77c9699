"""The demonstration's checks, honours, plans, projects and offers. Figures and names are invented and say so.

Everything goes through the verbs of `actions`, with the demonstration's own standard of
``fixtures/demo/standards.json``; numbers and wordings stand in ``fixtures/demo/checks.json``.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from stations import actions
from stations.lifecycle import State
from stations.models import BuildingProject, Rectification, Station, StationKind, StationTarget, SubsidyStandard
from unionportal.organizations.models import Organization, Partner
from unionportal.standards.models import Criterion, Standard
from unionportal.standards.reference import load_file
from unionportal.targets.actions import allocate, report
from unionportal.targets.models import Plan, Target

_WAN = 10_000 * 100  # 万元 in fen
_PHASES = ("approve_project", "begin_building", "complete", "take_into_use")


def load_checks(folder: Path) -> None:
    """Checks of some stations of each district, stars and titles from them, plans, projects, subsidies, offers."""
    parts = json.loads((folder / "checks.json").read_text("utf-8"))
    [standard] = load_file(folder / "standards.json") or [Standard.objects.get(slug="stars-demo")]
    draw = random.Random(parts["seed"])
    checked = _check_stations(standard, parts, draw)
    _honour(checked, parts)
    _rectify(draw)
    _plan(parts, draw)
    _build(parts)
    _offer(parts)


# --- Checks and honours ------------------------------------------------------------------------------------------


def _check_stations(standard: Standard, parts: dict[str, Any], draw: random.Random) -> list[Any]:
    """A county check of some open stations of each district, some of them still to be confirmed."""
    today = timezone.localdate()
    checks = []
    named = list(Station.objects.filter(status=State.OPEN).exclude(host=None).order_by("code")[: parts["named"]])
    others = list(Station.objects.filter(status=State.OPEN, host=None).order_by("code"))
    for station in [*named, *draw.sample(others, min(parts["checked"], len(others)))]:
        day = today - datetime.timedelta(days=draw.randint(5, 200))
        check = actions.begin_check(station, standard, level="county", by=None, on=day)
        actions.fill_in(check, {c.pk: _answer(c, parts, draw) for c in standard.criteria.all()}, by=None)
        check = actions.change_check(check, "submit", by=None)
        if draw.random() < parts["confirmed"]:
            due = today + datetime.timedelta(days=draw.randint(3, 30))
            check = actions.change_check(check, "confirm_check", by=None, due_on=due)
        checks.append(check)
    return checks


def _answer(criterion: Criterion, parts: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    good = draw.random() < parts["met"]
    if criterion.judged == Criterion.Judged.COUNT:
        return {"amount": Decimal(draw.choice((2, 3) if good else (0, 1)))}
    if criterion.judged == Criterion.Judged.SCORE:
        return {"amount": Decimal(draw.choice((8, 9, 10) if good else (3, 4, 5)))}
    return {"met": good, "note": "" if good else parts["notes"].get(criterion.text, "")}


def _honour(checks: Iterable[Any], parts: dict[str, Any]) -> None:
    """Stars from the confirmed checks that reach some; the best ones bear titles too."""
    year = timezone.localdate().year
    graded = [check for check in checks if check.assessment.grade]
    graded.sort(key=lambda check: (-check.assessment.points, check.pk))
    for check in graded:
        stars = check.assessment.grade.rank
        _published(check.station, kind="stars", level="city", year=year, stars=stars, check=check)
    for check, level in zip(graded, parts["titles"], strict=False):
        _published(check.station, kind="finest", level=level, year=year - 1, evidence=parts["evidence"])
    counties = set()
    for check in graded:
        county = check.assessment.organization_id
        if county not in counties and len(counties) < parts["demonstrations"]:
            counties.add(county)
            _published(check.station, kind="demonstration", level="city", year=year)
    for check in graded[-parts["nominated"] :]:
        actions.nominate(check.station, kind="finest", level="city", year=year, by=None, evidence=parts["evidence"])


def _published(station: Station, **told: Any) -> None:
    honour = actions.nominate(station, by=None, **told)
    for verb in ("select", "confirm_honour", "publish_honour"):
        honour = actions.change_honour(honour, verb, by=None)


def _rectify(draw: random.Random) -> None:
    """Some were mended, some of those verified, some are overdue by now."""
    today = timezone.localdate()
    for row in Rectification.objects.select_related("answer__assessment").order_by("pk"):
        fate = draw.random()
        if fate < 0.5:
            row = actions.change_rectification(row, "mend", by=None, note="已整改并自查（演示）")
            if fate < 0.3:
                actions.change_rectification(row, "verify_mended", by=None)
        elif fate > 0.75:
            found = row.answer.assessment.assessed_on
            late = today - datetime.timedelta(days=draw.randint(1, min(20, (today - found).days)))
            Rectification.objects.filter(pk=row.pk).update(due_on=late)


# --- Plans, projects, offers ---------------------------------------------------------------------------------------


def _plan(parts: dict[str, Any], draw: random.Random) -> None:
    """A five-year plan with this year's targets, split among the districts and reported by quarter."""
    city = Organization.objects.get(depth=1)
    today = timezone.localdate()
    told = parts["plan"]
    plan = Plan.objects.create(
        organization=city, title=told["title"], from_year=today.year - 1, to_year=today.year + 3,
        document=told["document"],
    )  # fmt: skip
    counties = list(Organization.objects.filter(kind=Organization.Kind.COUNTY_FEDERATION).order_by("path"))
    for one in told["targets"]:
        target = Target.objects.create(
            plan=plan,
            organization=city,
            title=one["title"],
            year=today.year,
            due_on=datetime.date(today.year, 12, 31),
            figure=one["figure"],
            counted_by=one["counted_by"],
        )
        StationTarget.objects.create(target=target, kind_id=one["kind"])
        even, rest = divmod(int(target.value), len(counties))
        shares = {county: even + (n < rest) for n, county in enumerate(counties)}
        for share in allocate(target, shares, by=None):
            _quarters(share, today, draw)
        _quarters(target, today, draw)


def _quarters(target: Target, today: datetime.date, draw: random.Random) -> None:
    """A figure for each quarter that is over, rising, not always to the full."""
    done = Decimal(0)
    for quarter in range(1, (today.month - 1) // 3 + 1):
        done = min(target.value, max(done, target.value * quarter * draw.randint(15, 28) // 100))
        report(target, year=today.year, quarter=quarter, figure=f"{done:f}{target.unit}", by=None)


def _build(parts: dict[str, Any]) -> None:
    """Projects in all phases with their money, subsidy standards, applications granted, paid and waiting."""
    city = Organization.objects.get(depth=1)
    today = timezone.localdate()
    for one in parts["subsidy_standards"]:
        SubsidyStandard.objects.create(
            organization=city, kind_id=one["kind"], work=one["work"], from_year=today.year + one["year"],
            amount_fen=one["wan"] * _WAN, source=parts["marker"],
        )  # fmt: skip
    plan = Plan.objects.get(organization=city, title=parts["plan"]["title"])
    for one in parts["projects"]:
        owner = Organization.objects.get(code=one["organization"])
        project = BuildingProject.objects.create(
            organization=owner, title=one["title"], kind_id=one["kind"], work=one["work"], plan=plan,
            year=today.year + one["year"], build_mode=one["mode"], floor_area=one["area"], rooms=one["rooms"],
            budget_fen=one["budget_wan"] * _WAN,
        )  # fmt: skip
        for days, verb in zip(one["days_ago"], _PHASES, strict=False):
            project = actions.change_phase(project, verb, by=None, on=today - datetime.timedelta(days=days))
        for wan in one["invested_wan"]:
            actions.invest(
                project=project, amount_fen=wan * _WAN, by=None, source_level="city",
                purpose=f"{project.title}建设资金", occurred_on=today - datetime.timedelta(days=30),
            )  # fmt: skip
        _subsidise(project, one["subsidy"])


def _subsidise(project: BuildingProject, fate: str) -> None:
    if not fate:
        return
    subsidy = actions.apply_for_subsidy(project, by=None)
    for verb in {"applied": (), "granted": ("grant",), "paid": ("grant", "pay")}[fate]:
        subsidy = actions.change_subsidy(subsidy, verb, by=None)


def _offer(parts: dict[str, Any]) -> None:
    """One company offers many points; the first ones are surveyed, one is being made a station, one was withdrawn."""
    told = parts["offer"]
    owner = Organization.objects.get(code=told["organization"])
    partner, _new = Partner.objects.get_or_create(
        organization=owner, name=told["partner"], defaults={"kind": Partner.Kind.EMPLOYER}
    )
    points = [
        {"name": told["name"].format(n=n), "address": told["address"].format(n=n)} for n in range(1, told["count"] + 1)
    ]
    offers = actions.pledge_offers(partner, points, organization=owner, by=None)
    for offer in offers[: told["surveyed"]]:
        actions.change_offer(offer, "survey", by=None, note=told["note"])
    actions.change_offer(offers[0], "convert", by=None, kind=StationKind.objects.get(code="HW"))
    actions.change_offer(offers[-1], "withdraw_offer", by=None, reason=told["reason"])
