"""Makers of negotiations for the tests; steps go through the verbs in `actions`."""

from __future__ import annotations

import datetime
from typing import Any

from bargaining import actions
from bargaining.actions import Count, Draft, Evidence, Result
from bargaining.models import Negotiation, Representative, RuleSet, Topic
from unionportal.organizations.models import Organization, Partner

PAPER = Evidence("纸质材料存档")
D = datetime.date
OFFER = D(2026, 3, 2)


def make_negotiation(organization: Organization, rules: str = "shandong-2016", **fields: Any) -> Negotiation:
    """Ready for the offer: an employer, one topic, three representatives a side."""
    title = fields.pop("title", "示例物流工资集体协商")
    negotiation = Negotiation.objects.create(
        organization=organization, title=title, rule_set=RuleSet.objects.get(slug=rules), **fields
    )
    employer, _made = Partner.objects.get_or_create(
        organization=organization, name="示例物流有限公司", defaults={"kind": "employer"}
    )
    negotiation.employers.add(employer)
    Topic.objects.create(negotiation=negotiation, subject="pay_day", demand="固定发薪日")
    seat(negotiation, "workers", 3)
    seat(negotiation, "employer", 3)
    return negotiation


def seat(negotiation: Negotiation, side: str, number: int) -> None:
    """Put `number` representatives on a side, the first of them its chief, the others from the front line."""
    negotiation.representatives.filter(side=side).delete()
    for place in range(number):
        Representative.objects.create(
            negotiation=negotiation,
            side=side,
            name=f"{side}{place}",
            is_chief=place == 0,
            is_front_line=side == "workers" and place > 0,
        )


def until_draft(negotiation: Negotiation, by: Any = None, **draft: Any) -> None:
    """Offer, agreeing reply, meeting with an outcome for every topic, draft."""
    actions.advance(negotiation, "offer", by=by, on=OFFER, evidence=PAPER)
    actions.advance(negotiation, "accept", by=by, on=D(2026, 3, 9), evidence=PAPER)
    results = {topic.pk: Result("agreed", "每月20日发放工资", "每月20日") for topic in negotiation.topics.all()}
    actions.hold_meeting(negotiation, by=by, on=D(2026, 3, 20), evidence=PAPER, results=results)
    defaults = {
        "title": "示例物流工资专项集体合同",
        "term_from": D(2026, 5, 1),
        "term_to": D(2027, 4, 30),
        "workers_covered": 46,
    }
    actions.agree_draft(negotiation, by=by, on=D(2026, 3, 25), evidence=PAPER, draft=Draft(**{**defaults, **draft}))


def vote(negotiation: Negotiation, entitled: int, present: int, in_favour: int, by: Any = None) -> bool:
    """Vote on the draft; those who did not agree disagreed. Returns whether it passed."""
    count = Count("assembly", entitled, present, in_favour, present - in_favour, 0)
    return actions.record_vote(negotiation, by=by, on=D(2026, 3, 30), count=count, evidence=PAPER).passed


def until_filed(negotiation: Negotiation, by: Any = None) -> None:
    until_draft(negotiation, by)
    assert vote(negotiation, 46, 44, 41, by)
    actions.sign(negotiation, by=by, on=D(2026, 4, 1), evidence=PAPER)
    papers = negotiation.rule_set.filing_papers
    actions.advance(negotiation, "file", by=by, on=D(2026, 4, 8), evidence=PAPER, papers=papers)
