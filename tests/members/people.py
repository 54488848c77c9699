"""Invented people for tests: numbers that nobody has, and forms filled in as they would."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

from members.actions import Answers, MemberDraft, save_members, submit_application
from members.demo import demo_id_number
from members.models import Application, ConsentText, Member, OccupationGroup
from unionportal.organizations.models import Division, Organization

_days = itertools.count()


def new_id(division: str = "530102") -> str:
    """An ID number that no other call gives."""
    return demo_id_number(division, datetime.date(1985, 1, 1) + datetime.timedelta(days=next(_days)), 997)


def new_phone() -> str:
    return str(10030000000 + next(_days))


def answers(**fields: Any) -> Answers:
    """A courier's answers; his street is 华山街道."""
    defaults = {
        "name": "演示·李某",
        "id_type": Member.IdType.RESIDENT_ID,
        "id_number": new_id(),
        "phone": new_phone(),
        "occupation_group": OccupationGroup.objects.get(pk="courier"),
        "division": Division.objects.get(pk="530102001"),
    }
    return Answers(**{**defaults, **fields})


def apply(*, by: Any = None, channel: str = Application.Channel.WEB, **fields: Any) -> Application:
    return submit_application(answers(**fields), consent=ConsentText.objects.latest(), channel=channel, by=by)


def make_member(organization: Organization, **fields: Any) -> Member:
    """A member on record; with a number and a phone unless they are given."""
    defaults = {
        "name": "演示·王某",
        "id_number": new_id(),
        "phone": new_phone(),
        "joined_on": datetime.date(2024, 5, 1),
    }
    member = Member(organization=organization, **{**defaults, **fields})
    return save_members([MemberDraft(member, reason="joined")], by=None)[0]
