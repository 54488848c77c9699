"""A negotiation from offer to publication: each step opens when the rules are met and says what is missing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from bargaining import actions
from bargaining.actions import Count, Draft, Evidence, Result
from bargaining.lifecycle import LIFECYCLE, State
from bargaining.models import Agreement, Clause, Negotiation, Representative, Topic, Vote
from bargaining.procedure import deadlines, missing
from tests.bargaining.makers import OFFER, PAPER, make_negotiation, seat, until_draft, until_filed, vote
from tests.factories import make_account, make_federation
from unionportal.audit.models import AuditEvent
from unionportal.figures import parse_figure
from unionportal.organizations.models import CalendarDay
from unionportal.states import TransitionRefused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("summer")]
D = date


@pytest.fixture
def summer(time_machine):
    time_machine.move_to("2026-06-15T09:00:00+08:00", tick=False)


def the_due(negotiation, step):
    return next(due for due in deadlines(negotiation) if due.rule.step == step)


# --- The whole way -------------------------------------------------------------------------------------------


@pytest.mark.system("A081")
def test_pay_day_the_20th_goes_from_offer_to_published_agreement(wuhua, clerk, reviewer, client):
    negotiation = make_negotiation(wuhua)
    until_filed(negotiation, clerk)
    actions.take_effect(negotiation, by=reviewer, on=D(2026, 4, 24))
    agreement = actions.publish(negotiation, by=reviewer, on=D(2026, 4, 28))
    assert agreement.status == Agreement.Status.PUBLISHED
    clause = agreement.clauses.get()
    assert (clause.value, clause.unit, clause.per) == (20, "日", "月")
    assert clause.headline == "每月20日"
    page = client.get("/agreements/").content.decode()
    assert "示例物流工资专项集体合同" in page and "每月20日" in page
    verbs = list(AuditEvent.objects.filter(subject_type="bargaining.Negotiation").values_list("verb", flat=True))
    steps = ["offer", "accept", "meet", "draft", "pass_vote", "sign", "file", "take_effect", "publish"]
    assert sorted(verbs) == sorted(f"bargaining.{step}" for step in steps)


@pytest.mark.system("A082")
def test_each_of_three_demands_of_the_riders_has_its_own_outcome(wuhua, clerk):
    negotiation = make_negotiation(wuhua)
    negotiation.topics.all().delete()
    insurance, price, tiers = (
        Topic.objects.create(negotiation=negotiation, subject=subject, demand=demand)
        for subject, demand in [("insurance", "意外险"), ("unit_price", "每单加1元"), ("piece_rates", "服务费阶梯")]
    )
    actions.advance(negotiation, "offer", by=clerk, on=OFFER, evidence=PAPER)
    actions.advance(negotiation, "accept", by=clerk, on=D(2026, 3, 9), evidence=PAPER)
    results = {
        insurance.pk: Result("agreed", "为满1年的骑手购买意外险", "1年以上"),
        price.pk: Result("considered", "公司研究后答复"),
        tiers.pk: Result("other_form", "改为季度优秀骑手奖", "500元/季"),
    }
    actions.hold_meeting(negotiation, by=clerk, on=D(2026, 3, 20), evidence=PAPER, results=results)
    draft = Draft("骑手协议", D(2026, 5, 1), D(2027, 4, 30), kind="platform", workers_covered=598)
    agreement = actions.agree_draft(negotiation, by=clerk, on=D(2026, 3, 25), evidence=PAPER, draft=draft)
    assert list(agreement.clauses.values_list("subject", flat=True)) == ["insurance", "piece_rates"]
    assert str(agreement.clauses.get(subject="insurance").figure) == "1年以上"


# --- What is missing -----------------------------------------------------------------------------------------


def test_an_offer_without_employer_and_topic_is_refused_with_both_named(wuhua, clerk):
    negotiation = make_negotiation(wuhua)
    negotiation.employers.clear()
    negotiation.topics.all().delete()
    lacking = missing(negotiation, "offer")
    assert len(lacking) == 2
    with pytest.raises(ValidationError) as refused:
        actions.advance(negotiation, "offer", by=clerk, on=OFFER, evidence=PAPER)
    assert set(lacking) <= set(refused.value.messages)
    negotiation.refresh_from_db()
    assert negotiation.state == State.PREPARING
    assert not negotiation.steps.exists()


def test_an_offer_without_evidence_is_refused(wuhua, clerk):
    with pytest.raises(ValidationError):
        actions.advance(make_negotiation(wuhua), "offer", by=clerk, on=OFFER, evidence=Evidence(" "))


@pytest.mark.parametrize(
    ("rules", "workers", "employer", "complaints"),
    [
        ("shandong-2016", 3, 3, 0),
        ("shandong-2016", 2, 3, 2),
        ("shandong-2016", 4, 3, 1),
        ("zhejiang-2010", 4, 3, 0),
        ("zhejiang-2010", 3, 4, 1),
        ("beijing", 10, 10, 0),
        ("beijing", 11, 11, 2),
    ],
)
def test_representatives_are_three_or_more_a_side_and_equal_where_the_law_says_so(
    wuhua, rules, workers, employer, complaints
):
    negotiation = make_negotiation(wuhua, rules)
    seat(negotiation, "workers", workers)
    seat(negotiation, "employer", employer)
    assert len(missing(negotiation, "meet")) == complaints


def test_a_large_enterprise_in_zhejiang_needs_five_a_side(wuhua):
    negotiation = make_negotiation(wuhua, "zhejiang-2010", is_large=True)
    assert len(missing(negotiation, "meet")) == 2
    seat(negotiation, "workers", 5)
    seat(negotiation, "employer", 5)
    assert missing(negotiation, "meet") == []


def test_each_side_has_exactly_one_chief(wuhua):
    negotiation = make_negotiation(wuhua)
    negotiation.representatives.filter(side="workers").update(is_chief=False)
    assert len(missing(negotiation, "meet")) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        negotiation.representatives.filter(side="employer").update(is_chief=True)


def test_shandong_wants_a_third_of_the_workers_side_from_the_front_line(wuhua):
    negotiation = make_negotiation(wuhua)
    Representative.objects.filter(negotiation=negotiation).update(is_front_line=False)
    assert len(missing(negotiation, "meet")) == 1


def test_a_draft_waits_for_the_outcome_of_every_topic(wuhua, clerk):
    negotiation = make_negotiation(wuhua)
    actions.advance(negotiation, "offer", by=clerk, on=OFFER, evidence=PAPER)
    actions.advance(negotiation, "accept", by=clerk, on=D(2026, 3, 9), evidence=PAPER)
    actions.hold_meeting(negotiation, by=clerk, on=D(2026, 3, 20), evidence=PAPER, results={})
    draft = Draft("合同", D(2026, 5, 1), D(2027, 4, 30))
    with pytest.raises(ValidationError, match=r"议题|topic"):
        actions.agree_draft(negotiation, by=clerk, on=D(2026, 3, 25), evidence=PAPER, draft=draft)
    assert not Agreement.objects.exists()


def test_a_draft_for_more_than_three_years_cannot_be_voted_on(wuhua):
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation, term_to=D(2029, 5, 1))
    with pytest.raises(ValidationError):
        vote(negotiation, 46, 44, 41)
    assert not Vote.objects.exists()


def test_a_term_without_end_leaves_the_page_readable_and_is_refused_at_the_vote(wuhua, clerk, client):
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation, term_to=D(9999, 12, 31))
    client.force_login(clerk)
    page = client.get(reverse("admin:bargaining_negotiation_change", args=[negotiation.pk]))
    assert page.status_code == 200
    with pytest.raises(ValidationError):
        vote(negotiation, 46, 44, 41)


def test_what_everybody_reads_holds_no_number_of_a_person(wuhua):
    with pytest.raises(ValidationError, match="手机号"):
        until_draft(make_negotiation(wuhua), coverage="联系小王10012345678")
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation)
    clause = negotiation.agreement.clauses.first()
    clause.text = "有疑问打10012345678"
    with pytest.raises(ValidationError) as refused:
        clause.full_clean()
    assert "text" in refused.value.message_dict


def test_filing_names_the_papers_that_are_not_there(wuhua):
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation)
    vote(negotiation, 46, 44, 41)
    actions.sign(negotiation, by=None, on=D(2026, 4, 1), evidence=PAPER)
    papers = negotiation.rule_set.filing_papers
    assert len(papers) == 5
    with pytest.raises(ValidationError, match="企业营业执照复印件"):
        actions.advance(negotiation, "file", by=None, on=D(2026, 4, 8), evidence=PAPER, papers=papers[:4])


def test_an_agreement_is_in_force_only_after_the_fifteenth_day(wuhua, reviewer):
    negotiation = make_negotiation(wuhua)
    until_filed(negotiation)
    assert the_due(negotiation, "effect").deadline.due == D(2026, 4, 23)
    with pytest.raises(ValidationError, match="第三十条"):
        actions.take_effect(negotiation, by=reviewer, on=D(2026, 4, 23))
    assert actions.take_effect(negotiation, by=reviewer, on=D(2026, 4, 24)).status == Agreement.Status.IN_FORCE


def test_a_step_cannot_lie_in_the_future_nor_before_the_last_one(wuhua):
    negotiation = make_negotiation(wuhua)
    with pytest.raises(ValidationError):
        actions.advance(negotiation, "offer", by=None, on=D(2026, 6, 16), evidence=PAPER)
    actions.advance(negotiation, "offer", by=None, on=OFFER, evidence=PAPER)
    with pytest.raises(ValidationError):
        actions.advance(negotiation, "accept", by=None, on=D(2026, 3, 1), evidence=PAPER)
    with pytest.raises(ValidationError):
        actions.advance(negotiation, "refuse", by=None, on=D(2026, 3, 5), evidence=Evidence(""))


def test_a_signature_before_the_vote_is_refused(wuhua):
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation)
    with pytest.raises(TransitionRefused):
        actions.sign(negotiation, by=None, on=D(2026, 4, 1), evidence=PAPER)


def test_an_objection_leads_back_to_the_table_and_through_a_new_vote(wuhua):
    negotiation = make_negotiation(wuhua)
    until_filed(negotiation)
    actions.advance(negotiation, "object", by=None, on=D(2026, 4, 15), evidence=Evidence("第三条低于最低工资"))
    actions.advance(negotiation, "reopen", by=None, on=D(2026, 4, 16))
    draft = Draft("修改稿", D(2026, 5, 1), D(2027, 4, 30), workers_covered=46)
    actions.agree_draft(negotiation, by=None, on=D(2026, 4, 20), evidence=PAPER, draft=draft)
    negotiation.refresh_from_db()
    assert negotiation.state == State.DRAFTED
    assert Clause.objects.count() == 1, "clauses are replaced, not doubled"
    assert Agreement.objects.get().title == "修改稿"


# --- Votes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "entitled", "present", "in_favour", "passes"),
    [
        ("national-2004", 60, 40, 31, True),
        ("national-2004", 60, 40, 30, False),
        ("national-2004", 60, 39, 39, False),
        ("shandong-2016", 60, 31, 31, True),
        ("shandong-2016", 60, 60, 30, False),
    ],
)
@pytest.mark.system("A104")
def test_a_vote_passes_by_quorum_and_more_than_half_of_all(wuhua, rules, entitled, present, in_favour, passes):
    negotiation = make_negotiation(wuhua, rules)
    until_draft(negotiation)
    assert vote(negotiation, entitled, present, in_favour) is passes
    negotiation.refresh_from_db()
    assert negotiation.state == (State.PASSED if passes else State.NEGOTIATING)


@pytest.mark.parametrize("numbers", [(60, 61, 40, 21, 0), (60, 40, 31, 8, 0), (60, 40, 31, 10, 0), (0, 0, 0, 0, 0)])
def test_numbers_of_a_vote_that_do_not_add_up_are_refused(wuhua, numbers):
    negotiation = make_negotiation(wuhua)
    until_draft(negotiation)
    with pytest.raises(ValidationError):
        actions.record_vote(negotiation, by=None, on=D(2026, 3, 30), count=Count("assembly", *numbers), evidence=PAPER)
    names = ("entitled", "present", "in_favour", "against", "abstained")
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            negotiation=negotiation,
            held_on=OFFER,
            body="assembly",
            passed=False,
            **dict(zip(names, numbers, strict=True)),
        )


def test_the_database_refuses_a_passed_vote_with_exactly_half(wuhua):
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            negotiation=make_negotiation(wuhua),
            held_on=OFFER,
            body="assembly",
            entitled=60,
            present=60,
            in_favour=30,
            against=30,
            abstained=0,
            passed=True,
        )


# --- Deadlines -----------------------------------------------------------------------------------------------


def test_a_reply_is_due_from_the_day_the_offer_was_received(wuhua):
    negotiation = make_negotiation(wuhua)
    actions.advance(negotiation, "offer", by=None, on=OFFER, received_on=D(2026, 3, 6), evidence=PAPER)
    assert the_due(negotiation, "reply").deadline.due == D(2026, 3, 16)
    negotiation.refresh_from_db()
    assert negotiation.next_due_latest == D(2026, 3, 16)
    assert list(Negotiation.objects.late()) == [negotiation]
    assert list(Negotiation.objects.all().late(D(2026, 3, 16))) == []
    assert list(Negotiation.objects.all().due_within(7, D(2026, 3, 10))) == [negotiation]


def test_a_late_reply_stays_visible_as_late(wuhua):
    negotiation = make_negotiation(wuhua)
    actions.advance(negotiation, "offer", by=None, on=OFFER, evidence=PAPER)
    actions.advance(negotiation, "accept", by=None, on=D(2026, 3, 13), evidence=PAPER)
    reply = the_due(negotiation, "reply")
    assert reply.done_on == D(2026, 3, 13) and reply.is_late()


def test_a_new_holiday_moves_the_deadlines_in_the_lists(wuhua):
    negotiation = make_negotiation(wuhua)
    actions.advance(negotiation, "offer", by=None, on=OFFER, evidence=PAPER)
    CalendarDay.objects.create(day=D(2026, 3, 12), kind="holiday", name="地方假日")
    assert actions.refresh_deadlines() == 1
    negotiation.refresh_from_db()
    assert negotiation.next_due_latest == D(2026, 3, 13)


# --- Who may -------------------------------------------------------------------------------------------------


def test_another_countys_clerk_neither_sees_nor_moves_a_negotiation(wuhua, panlong):
    negotiation = make_negotiation(wuhua)
    stranger = make_account("clerk", panlong)
    assert not Negotiation.objects.visible_to(stranger).exists()
    assert not Representative.objects.visible_to(stranger).exists()
    with pytest.raises(PermissionDenied):
        actions.advance(negotiation, "offer", by=stranger, on=OFFER, evidence=PAPER)


@pytest.mark.parametrize("role", ["reviewer", "mediator", "read_only", "auditor"])
def test_who_only_reads_cannot_make_an_offer(wuhua, role):
    negotiation = make_negotiation(wuhua)
    reader = make_account(role, wuhua)
    assert Negotiation.objects.visible_to(reader).exists()
    with pytest.raises(PermissionDenied):
        actions.advance(negotiation, "offer", by=reader, on=OFFER, evidence=PAPER)


def test_a_clerk_cannot_confirm_what_a_reviewer_confirms(wuhua, clerk):
    negotiation = make_negotiation(wuhua)
    until_filed(negotiation, clerk)
    with pytest.raises(PermissionDenied):
        actions.take_effect(negotiation, by=clerk, on=D(2026, 4, 24))


def test_the_city_reads_what_its_counties_negotiate(wuhua):
    make_negotiation(wuhua)
    city = make_account("read_only", make_federation())
    assert Negotiation.objects.visible_to(city).count() == 1


@pytest.mark.system("A086")
def test_an_adviser_checks_each_of_six_stages_once_and_a_clerk_does_not(wuhua, clerk, adviser):
    negotiation = make_negotiation(wuhua, adviser=adviser)
    actions.check_stage(negotiation, "representatives", by=adviser, on=D(2026, 3, 1))
    with pytest.raises(ValidationError):
        actions.check_stage(negotiation, "representatives", by=adviser, on=D(2026, 3, 2))
    with pytest.raises(PermissionDenied):
        actions.check_stage(negotiation, "topics", by=clerk, on=D(2026, 3, 2))
    assert len(negotiation.stage_checks.model.Stage.choices) == 6


# --- Evidence ------------------------------------------------------------------------------------------------


def test_evidence_lies_under_a_name_that_tells_nothing_and_is_not_public(wuhua, clerk, client):
    negotiation = make_negotiation(wuhua)
    scan = SimpleUploadedFile("要约书 示例物流.pdf", b"%PDF-1.4")
    actions.advance(negotiation, "offer", by=clerk, on=OFFER, evidence=Evidence("", scan))
    step = negotiation.steps.get()
    assert step.file_name == "要约书 示例物流.pdf"
    assert "示例" not in step.file.name
    assert client.get(f"/media/{step.file.name}").status_code == 404
    address = f"/admin/bargaining/negotiation/{negotiation.pk}/evidence/{step.pk}/"
    assert client.get(address).status_code == 302
    client.force_login(clerk)
    assert client.get(address).status_code == 200


# --- Figures of reports --------------------------------------------------------------------------------------


@pytest.mark.system("A080", "A085", "A088")
def test_totals_count_agreements_firms_and_workers_by_level(wuhua):
    rows = [
        ("行业甲", "industry", 100, 5000, "first"),
        ("区域乙", "region", 28, 3931, "renewal"),
        ("企业丙", "enterprise", 1, 69, "first"),
    ]
    actions.save_agreements(
        [
            Agreement(
                organization=wuhua,
                title=name,
                employer_name=name,
                level=level,
                firms_covered=firms,
                workers_covered=workers,
                conclusion=conclusion,
                term_from=D(2026, 1, 1),
                term_to=D(2026, 12, 31),
                status="in_force",
            )
            for name, level, firms, workers, conclusion in rows
        ],
        by=None,
    )
    assert Agreement.objects.all().totals() == {
        "agreements": 3,
        "new": 2,
        "renewed": 1,
        "firms": 129,
        "workers": 9000,
    }
    assert Agreement.objects.filter(level="industry").totals()["workers"] == 5000


@pytest.mark.system("A087")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("200元/年", "200元/年"),
        ("300余台", "300余台"),
        ("5000元以上/月", "5000元以上/月"),
        ("3%至5%", "3%至5%"),
        ("6800元至8200元", "6800元至8200元"),
        ("每单1元", "1元/单"),
    ],
)
def test_a_clause_keeps_its_figure_as_printed(wuhua, text, shown):
    agreement = Agreement.objects.create(
        organization=wuhua, title="x", employer_name="x", term_from=D(2026, 1, 1), term_to=D(2026, 12, 31)
    )
    clause = Clause(agreement=agreement, subject="bonus", text="x")
    clause.take(parse_figure(text))
    clause.save()
    clause.refresh_from_db()
    assert str(clause.figure).replace("多", "余") == shown


def test_a_pay_day_is_a_day_of_the_month(wuhua):
    agreement = Agreement.objects.create(
        organization=wuhua, title="x", employer_name="x", term_from=D(2026, 1, 1), term_to=D(2026, 12, 31)
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Clause.objects.create(agreement=agreement, subject="pay_day", text="x", value=32, unit="日")


def test_the_table_of_states_reaches_every_state():
    assert {t.target for t in LIFECYCLE.transitions} | {State.PREPARING} == set(State)
