"""The demonstration's members and applications, composed from ``fixtures/demo/members.json``.

The same seed draws the same people. Numbers are such as nobody can have (see the file's note).
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from members.actions import (
    Answers,
    MemberDraft,
    ask_about_data,
    ask_more,
    ask_transfer,
    change_membership,
    due_on,
    refuse_applications,
    save_members,
    show_phone,
    submit_application,
    verify,
)
from members.models import ConsentText, DataRequest, Member, OccupationGroup
from members.routing import route
from unionportal.codes import id_check_digit
from unionportal.organizations.models import Account, Division, Organization

_SERIALS = (996, 997, 998, 999)
_FIRST_PHONE = 10020000000


def demo_id_number(division: str, born: datetime.date, serial: int) -> str:
    """A number with a right check digit and a serial that is given to nobody so young."""
    first = f"{division[:6]}{born:%Y%m%d}{serial:03d}"
    return first + id_check_digit(first)


class _People:
    """Draws one invented person after another; no two have the same number."""

    def __init__(self, parts: dict[str, Any]) -> None:
        self.draw = random.Random(parts["seed"])
        self.parts = parts
        self.taken: set[str] = set()
        self.count = 0

    def next(self, division: str) -> dict[str, Any]:
        """name, id_number, phone, gender and birth date follow from the number."""
        while True:
            born = datetime.date(1966, 1, 1) + datetime.timedelta(days=self.draw.randrange(38 * 365))
            number = demo_id_number(division, born, self.draw.choice(_SERIALS))
            if number not in self.taken:
                break
        self.taken.add(number)
        self.count += 1
        name = f"演示·{self.draw.choice(self.parts['surnames'])}{self.draw.choice(self.parts['given'])}"
        return {"name": name, "id_number": number, "phone": str(_FIRST_PHONE + self.count)}

    def weighted(self, weights: dict[str, int]) -> str:
        return self.draw.choices(list(weights), list(weights.values()))[0]


@transaction.atomic
def load(folder: Path | None = None) -> None:
    """Members in every state, applications waiting and overdue, a transfer, a request, a look. Runs once only."""
    if Member.objects.with_phone(str(_FIRST_PHONE + 1)).exists():
        return
    folder = folder or settings.BASE_DIR / "fixtures" / "demo"
    parts = json.loads((folder / "members.json").read_text(encoding="utf-8"))
    people = _People(parts)
    members = save_members([MemberDraft(member, reason="demo") for member in _members(people, parts)], by=None)
    _happen(members, people.draw)
    _applications(people, parts)


def _members(people: _People, parts: dict[str, Any]) -> Iterator[Member]:
    groups = OccupationGroup.objects.in_bulk()
    streets = list(
        Division.objects.filter(level=Division.Level.TOWNSHIP, code__startswith="5301").order_by("code")[:40]
    )
    today = timezone.localdate()
    for _number in range(parts["members"]):
        group = groups[people.weighted(parts["occupations"])]
        street = people.draw.choice(streets)
        employer = people.draw.choice(parts["employers"].get(group.code, [""]))
        way = route(scanned=None, employer_name=employer, division=street, occupation_group=group)
        yield Member(
            organization=way.organization,
            occupation_group=group,
            employer=way.employer,
            platform=way.platform,
            employer_name=employer,
            ethnic_group=people.weighted(parts["ethnic_groups"]),
            household=people.draw.choice(["urban", "rural", "rural", ""]),
            joined_on=today - datetime.timedelta(days=people.draw.randrange(30, 1500)),
            **people.next(street.code),
        )


def _happen(members: list[Member], draw: random.Random) -> None:
    """Let happen to some of them what happens to members."""
    verify(members[: len(members) * 3 // 5], method=Member.VerificationMethod.DOCUMENT_SEEN, by=None)
    some = draw.sample(members, 20)
    for member in some[:6]:
        change_membership(member, "retain", by=None, reason="单位关闭，会籍由上级工会保留")
    for member in some[6:9]:
        change_membership(member, "leave", by=None, reason="本人申请退会")
    change_membership(some[9], "lapse", by=None, reason="六个月未参加活动且未交会费，经教育后视为自动退会")
    street = Organization.objects.filter(code="530102001").first()
    if street is not None:
        for member in [m for m in some[10:] if m.organization_id != street.pk][:2]:
            ask_transfer(member, to=street, by=None, reason="换了工作街道")
    ask_about_data(some[19], kind=DataRequest.Kind.CORRECTION, text="我的工作单位已变更，请更正。")
    clerk = Account.objects.filter(username="clerk").first()
    if clerk is not None:
        show_phone(some[18], by=clerk, purpose="通知领取夏季慰问品")


def _applications(people: _People, parts: dict[str, Any]) -> None:
    consent = ConsentText.objects.latest()
    groups = OccupationGroup.objects.in_bulk()
    now = timezone.now()
    for row in parts["waiting"]:
        street = Division.objects.filter(pk=row["street"]).first()
        person = people.next(row["street"])
        application = submit_application(
            Answers(
                id_type=Member.IdType.RESIDENT_ID,
                occupation_group=groups[row["occupation"]],
                employer_name=row["employer"],
                division=street,
                **person,
            ),
            consent=consent,
        )
        at = now - datetime.timedelta(days=row["days_ago"])
        application.submitted_at = application.consented_at = at
        application.due_on = due_on(timezone.localdate(at))
        application.save()
        if "ask" in row:
            ask_more(application, message=row["ask"], by=None)
        if "refuse" in row:
            refuse_applications([application], reason=row["refuse"], by=None)
