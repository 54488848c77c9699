"""A desk to try: two negotiations told to the end, a round of offers under way, and agreements from a list."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from bargaining import actions
from bargaining.actions import Count, Draft, Evidence, Result
from bargaining.models import Agreement, Clause, Negotiation, Representative, Round, RuleSet, Topic
from bargaining.reference import load_rule_sets
from bargaining.resources import KINDS
from unionportal.figures import parse_figure
from unionportal.organizations.models import Account, Organization, Partner
from unionportal.organizations.models.calendar import overrides

_DAY = datetime.timedelta(days=1)


def load_bargaining(folder: Path) -> None:
    """Add what is missing of the demonstration in `folder`, with dates told from today.

    Stands on the demonstration's organisations, and on its accounts where they exist. Raises LookupError.
    """
    load_rule_sets()
    data = json.loads((folder / "bargaining.json").read_text(encoding="utf-8"))
    organization = Organization.objects.filter(code=data["organization"]).first() or Organization.objects.first()
    if organization is None:
        raise LookupError("the demonstration of bargaining needs an organization")
    with transaction.atomic():
        for story in data["stories"]:
            _tell(story, organization)
        _fill_round(data, organization)
        _list_agreements(data["agreements"], organization)


def _account(username: str) -> Account | None:
    return Account.objects.filter(username=username).first()


def _negotiation(
    title: str, employer: str, rules: str, organization: Organization, **fields: Any
) -> Negotiation | None:
    """A new negotiation ready for the offer, or None where it exists."""
    if Negotiation.objects.filter(title=title, organization=organization).exists():
        return None
    rule_set = RuleSet.objects.get(slug=rules)
    negotiation = Negotiation.objects.create(
        title=title, organization=organization, rule_set=rule_set, adviser=_account("wuhua-adviser"), **fields
    )
    partner, _made = Partner.objects.get_or_create(
        organization=organization, name=employer, defaults={"kind": Partner.Kind.EMPLOYER}
    )
    negotiation.employers.add(partner)
    return negotiation


def _seat(negotiation: Negotiation, side: str, names: list[str]) -> None:
    """The first name is the chief's; the other workers come from the front line."""
    for place, name in enumerate(names):
        front_line = side == Representative.Side.WORKERS and place > 0
        Representative.objects.create(
            negotiation=negotiation, side=side, name=name, is_chief=place == 0, is_front_line=front_line
        )


def _tell(story: dict[str, Any], organization: Organization) -> None:
    """A negotiation from the offer to the publication, each step by the verb that the staff use."""
    negotiation = _negotiation(story["title"], story["employer"], story["rules"], organization, level=story["level"])
    if negotiation is None:
        return
    clerk, reviewer = _account("wuhua-clerk"), _account("wuhua-reviewer")
    day = timezone.localdate() - story["started"] * _DAY
    results = {}
    for subject, demand, outcome, text, figure in story["topics"]:
        topic = Topic.objects.create(negotiation=negotiation, subject=subject, demand=demand)
        results[topic.pk] = Result(outcome, text, figure)
    _seat(negotiation, "workers", story["workers"])
    _seat(negotiation, "employer", story["employers"])
    paper = Evidence("纸质材料存区总工会权益保障部档案柜（演示）")
    actions.advance(negotiation, "offer", by=clerk, on=day, received_on=day + _DAY, evidence=paper)
    actions.advance(negotiation, "accept", by=clerk, on=day + 7 * _DAY, evidence=paper)
    actions.hold_meeting(negotiation, by=clerk, on=day + 20 * _DAY, evidence=paper, results=results)
    first = (day + 60 * _DAY).replace(day=1)
    draft = Draft(term_from=first, term_to=_year_after(first), **story["draft"])
    actions.agree_draft(negotiation, by=clerk, on=day + 30 * _DAY, evidence=paper, draft=draft)
    body, *numbers = story["vote"]
    actions.record_vote(negotiation, by=clerk, on=day + 35 * _DAY, count=Count(body, *numbers), evidence=paper)
    actions.sign(negotiation, by=clerk, on=day + 37 * _DAY, evidence=paper)
    filed = day + 42 * _DAY
    rules = negotiation.rule_set
    actions.advance(negotiation, "file", by=clerk, on=filed, evidence=paper, papers=rules.filing_papers)
    effect = rules.due("effect", filed, overrides()).latest + _DAY
    actions.take_effect(negotiation, by=reviewer, on=effect)
    actions.publish(negotiation, by=reviewer, on=effect + 3 * _DAY)


def _fill_round(data: dict[str, Any], organization: Organization) -> None:
    """A round of offers in which some are late, some due soon and some wait for a vote."""
    today = timezone.localdate()
    round_, _made = Round.objects.get_or_create(
        organization=organization,
        name=data["round"]["name"],
        defaults={
            "starts_on": today - 45 * _DAY,
            "ends_on": today + 45 * _DAY,
            "target_firms": data["round"]["target_firms"],
        },
    )
    clerk = _account("wuhua-clerk")
    paper = Evidence("纸质材料存区总工会权益保障部档案柜（演示）")
    for employer, state, days_ago in data["running"]:
        title = employer.replace("有限公司（演示）", "工资集体协商（演示）")
        negotiation = _negotiation(title, employer, "shandong-2016", organization, round=round_)
        if negotiation is None:
            continue
        day = today - days_ago * _DAY
        topic = Topic.objects.create(
            negotiation=negotiation, subject="minimum_wage", demand="一线职工月平均工资不低于5000元"
        )
        if state == "preparing":
            continue
        _seat(negotiation, "workers", ["演示·职甲", "演示·职乙", "演示·职丙"])
        actions.advance(negotiation, "offer", by=clerk, on=day, evidence=paper)
        if state == "offered":
            continue
        _seat(negotiation, "employer", ["演示·方甲", "演示·方乙", "演示·方丙"])
        actions.advance(negotiation, "accept", by=clerk, on=day + 5 * _DAY, evidence=paper)
        result = Result(Topic.Outcome.AGREED, "一线职工月平均工资不低于5000元", "5000元以上/月")
        settled = {topic.pk: result} if state == "drafted" else {}
        actions.hold_meeting(negotiation, by=clerk, on=day + 16 * _DAY, evidence=paper, results=settled)
        if state == "drafted":
            first = today.replace(day=1)
            draft = Draft(
                title.replace("工资集体协商", "工资专项集体合同"), first, _year_after(first), workers_covered=88
            )
            actions.agree_draft(negotiation, by=clerk, on=day + 30 * _DAY, evidence=paper, draft=draft)


def _year_after(first: datetime.date, years: int = 1) -> datetime.date:
    return first.replace(year=first.year + years) - _DAY


def _list_agreements(rows: list[list[Any]], organization: Organization) -> None:
    """Agreements as a list brings them, published."""
    reviewer = _account("wuhua-reviewer")
    for employer, kind, level, firms, workers, days_ago, years, clauses in rows:
        if Agreement.objects.filter(organization=organization, employer_name=employer).exists():
            continue
        first = (timezone.localdate() - days_ago * _DAY).replace(day=1)
        agreement = Agreement(
            organization=organization,
            title=f"{employer.removesuffix('（演示）')}{KINDS[kind][0]}（演示）",
            kind=kind,
            level=level,
            employer_name=employer,
            firms_covered=firms,
            workers_covered=workers,
            term_from=first,
            term_to=_year_after(first, years),
            status=Agreement.Status.IN_FORCE,
        )
        actions.save_agreements([agreement], by=None)
        for subject, text, figure in clauses:
            clause = Clause(agreement=agreement, subject=subject, text=text)
            clause.take(parse_figure(figure))
            clause.save()
        if reviewer is not None:
            actions.publish_agreement(agreement, by=reviewer)
