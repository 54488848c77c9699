"""Systems that federations run, told to the end with the figures they printed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from bargaining import actions
from bargaining.actions import Count, Draft, Result
from bargaining.models import Agreement, Clause, Negotiation, Round, Topic
from tests.bargaining.makers import OFFER, PAPER, make_negotiation
from tests.factories import make_account
from unionportal.figures import parse_figure
from unionportal.organizations.models import Partner
from unionportal.organizations.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("summer")]
D = date


@pytest.fixture
def summer(time_machine):
    time_machine.move_to("2026-06-15T09:00:00+08:00", tick=False)


def negotiate(negotiation: Negotiation, asked: list[tuple[str, str, str]], **draft: object) -> Agreement:
    """From the offer to the public page; `asked` are subjects with the words agreed and the figure in them."""
    negotiation.topics.all().delete()
    topics = {Topic.objects.create(negotiation=negotiation, subject=s, demand=t).pk: (t, f) for s, t, f in asked}
    actions.advance(negotiation, "offer", by=None, on=OFFER, evidence=PAPER)
    actions.advance(negotiation, "accept", by=None, on=D(2026, 3, 9), evidence=PAPER)
    results = {pk: Result("agreed", text, figure) for pk, (text, figure) in topics.items()}
    actions.hold_meeting(negotiation, by=None, on=D(2026, 3, 20), evidence=PAPER, results=results)
    terms = {"term_from": D(2026, 5, 1), "term_to": D(2027, 4, 30), "title": negotiation.title, **draft}
    actions.agree_draft(negotiation, by=None, on=D(2026, 3, 25), evidence=PAPER, draft=Draft(**terms))
    count = Count("assembly", 46, 44, 41, 3, 0)
    actions.record_vote(negotiation, by=None, on=D(2026, 3, 30), count=count, evidence=PAPER)
    actions.sign(negotiation, by=None, on=D(2026, 4, 1), evidence=PAPER)
    papers = negotiation.rule_set.filing_papers
    actions.advance(negotiation, "file", by=None, on=D(2026, 4, 8), evidence=PAPER, papers=papers)
    actions.take_effect(negotiation, by=None, on=D(2026, 5, 6))
    return actions.publish(negotiation, by=None, on=D(2026, 5, 7))


@pytest.mark.system("A083")
def test_relief_for_drivers_tells_how_many_cars_it_reached(wuhua, client):
    negotiation = make_negotiation(wuhua, title="网约车司机纾困专项集体合同")
    asked = [("relief", "免收停运期间车辆租金", "90台"), ("relief", "缓交车辆租金", "300余台")]
    agreement = negotiate(negotiation, asked, kind=Agreement.Kind.OTHER, workers_covered=390)
    cars = [(c.value, c.unit, c.qualifier) for c in agreement.clauses.all()]
    assert cars == [(Decimal(90), "台", "exact"), (Decimal(300), "台", "over")]
    page = client.get(agreement.get_absolute_url()).content.decode()
    assert "免收停运期间车辆租金" in page and "90台" in page and "300多台" in page


@pytest.mark.system("A084")
def test_a_round_of_offers_counts_fifteen_firms_and_how_far_each_has_come(wuhua, client):
    offers = Round.objects.create(
        organization=wuhua, name="集中要约", starts_on=D(2026, 3, 1), ends_on=D(2026, 5, 31), target_firms=15
    )
    firms = [make_negotiation(wuhua, title=f"企业{n:02d}工资协商", round=offers) for n in range(15)]
    for firm in firms[1:]:
        actions.advance(firm, "offer", by=None, on=OFFER, evidence=PAPER)
    actions.advance(firms[1], "accept", by=None, on=D(2026, 3, 9), evidence=PAPER)
    actions.advance(firms[2], "refuse", by=None, on=D(2026, 3, 9), evidence=PAPER)
    seven_and_more = ["wage_level", "minimum_wage", "bonus", "piece_rates", "hours", "insurance", "safety", "relief"]
    asked = [(subject, f"议题{subject}", "") for subject in seven_and_more]
    asked[0] = ("wage_level", "月平均工资不低于5000元", "5000元以上/月")
    agreement = negotiate(firms[0], asked, workers_covered=46)
    floor = agreement.clauses.first()
    assert (floor.value, floor.per, floor.qualifier) == (Decimal(5000), "月", "at_least")
    assert agreement.clauses.count() == 8
    client.force_login(make_account(Role.CLERK, wuhua))
    row = client.get(reverse("admin:bargaining_round_changelist")).context["cl"].result_list[0]
    assert (row.target_firms, row.offered_count, row.agreed_count) == (15, 15, 1)
    states = Negotiation.objects.filter(round=offers).values_list("state", flat=True)
    assert sorted(states) == sorted(["published", "negotiating", "refused", *["offered"] * 12])


@pytest.mark.system("A089")
def test_five_logistics_firms_set_a_minimum_wage_and_a_yearly_growth(wuhua):
    for n in range(5):
        firm = make_negotiation(wuhua, title=f"示例物流{n}工资集体协商")
        name = f"示例物流{n}有限公司"
        firm.employers.set([Partner.objects.create(organization=wuhua, name=name, kind="employer")])
        asked = [("minimum_wage", "最低工资", "2200元/月"), ("wage_level", "工资年增长", "3%至5%")]
        negotiate(firm, asked, workers_covered=46)
    assert Agreement.objects.published().totals()["agreements"] == 5
    for agreement in Agreement.objects.all():
        wage, growth = agreement.clauses.all()
        assert (wage.value, wage.unit, wage.per) == (Decimal(2200), "元", "月")
        assert (growth.value, growth.high, growth.unit) == (Decimal(3), Decimal(5), "%")


@pytest.mark.system("A090")
def test_a_wage_ladder_by_skill_grade_is_kept_grade_by_grade_and_shown(wuhua, client):
    agreement = Agreement.objects.create(
        organization=wuhua,
        title="能级工资专项集体合同",
        employer_name="示例机械有限公司",
        term_from=D(2026, 1, 1),
        term_to=D(2027, 12, 31),
        status=Agreement.Status.IN_FORCE,
    )
    ladder = [("初级工", "4200元/月"), ("中级工", "5200元/月"), ("高级工", "6800元/月"), ("高级技师", "9000元以上/月")]
    for grade, printed in ladder:
        clause = Clause(agreement=agreement, subject="skill_grades", label=grade, text=f"{grade}岗位工资")
        clause.take(parse_figure(printed))
        clause.full_clean()
        clause.save()
    actions.publish_agreement(agreement, by=make_account(Role.REVIEWER, wuhua))
    page = client.get(agreement.get_absolute_url()).content.decode()
    places = [page.index(grade) for grade, _printed in ladder]
    assert places == sorted(places)
    assert all(printed in page for _grade, printed in ladder)
    wages = [clause.value for clause in agreement.clauses.all()]
    assert wages == sorted(wages)
