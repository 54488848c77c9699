"""Posts as employers print them, their sheet, and a member's interest with consent."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns import actions
from campaigns.consent import job_interest_consent
from campaigns.models import Campaign, JobInterest, JobPost
from campaigns.printed import read_headcount, read_pay
from tests.campaigns.makers import as_member, make_activity, make_campaign, make_member, make_post
from unionportal.audit.models import AuditEvent
from unionportal.sheets.actions import apply_run, hand_in
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent / "files"
AGREED = job_interest_consent().version


@pytest.mark.parametrize(
    ("printed", "number", "qualifier"),
    [
        ("200多名", 200, "over"),
        ("150名左右", 150, "about"),
        ("1000名以上", 1000, "at_least"),
        ("3名", 3, "exact"),
        ("400人", 400, "exact"),
        ("若干", None, "exact"),
        ("", None, "exact"),
        ("5000元", None, "exact"),
        ("10012345678名", None, "exact"),
    ],
)
def test_the_number_wanted_is_read_with_its_qualifier(printed, number, qualifier):
    assert read_headcount(printed) == (number, qualifier)


@pytest.mark.parametrize(
    ("printed", "pay"),
    [
        ("5000元至7000元", (500_000, 700_000, "")),
        ("20至22元/小时", (2_000, 2_200, "小时")),
        ("月薪7000元", (700_000, None, "月")),
        ("面议", (None, None, "")),
        ("2500万元", (None, None, "")),
        ("试用期2个月,试用期工资2000元/月", (None, None, "")),
        ("10名", (None, None, "")),
    ],
)
def test_pay_is_read_with_its_range_and_per_what(printed, pay):
    assert read_pay(printed) == pay


@pytest.fixture
def fair_list() -> bytes:
    return (FILES / "templates_jobs.csv").read_bytes()


def test_the_rows_of_eleven_real_notices_go_in_and_keep_what_was_printed(wuhua, clerk, fair_list):
    run, found = hand_in(fair_list, filename="招聘.csv", kind="jobs", organization=wuhua, by=clerk)
    assert found.counts == {"rows": 11, "created": 11, "updated": 0, "unchanged": 0, "rejected": 0}
    codes = {(p.row, p.code) for p in found.problems}
    assert {code for _row, code in codes} == {"job-pay-unread", "job-several-trades"}
    apply_run(run, by=clerk)
    posts = {post.title: post for post in JobPost.objects.all()}
    sunny = posts["一线操作工人员"]
    assert (sunny.pay_text, sunny.pay_from_fen, sunny.pay_to_fen) == ("5000元至7000元", 500_000, 700_000)
    xinge = posts["一线工人(有工作经验)"]
    assert (xinge.headcount_text, xinge.headcount, xinge.headcount_qualifier) == ("200多名", 200, "over")
    assert posts["工会社会工作者(编外)"].source.startswith("gdpdd.com")


def test_the_same_file_again_changes_nothing(wuhua, clerk, fair_list):
    run, _found = hand_in(fair_list, filename="招聘.csv", kind="jobs", organization=wuhua, by=clerk)
    apply_run(run, by=clerk)
    _run, again = hand_in(fair_list, filename="招聘.csv", kind="jobs", organization=wuhua, by=clerk)
    assert again.counts["unchanged"] == 11


def test_a_changed_pay_updates_the_post_and_is_read_anew(wuhua, clerk):
    make_post(wuhua, employer_name="星星冷链", title="普工", pay_text="面议")
    run, found = hand_in(
        "招聘单位,岗位,薪资\n星星冷链,普工,20至22元/小时\n".encode(),
        filename="a.csv",
        kind="jobs",
        organization=wuhua,
        by=clerk,
    )
    assert found.counts["updated"] == 1
    apply_run(run, by=clerk)
    assert JobPost.objects.get().pay_from_fen == 2_000


def test_two_rows_that_mean_the_same_post_are_sent_back(wuhua, clerk):
    _run, found = hand_in(
        "招聘单位,岗位,薪资\n星星冷链,普工,5000元\n星星冷链,普工,6000元\n".encode(),
        filename="a.csv",
        kind="jobs",
        organization=wuhua,
        by=clerk,
    )
    assert found.counts["rejected"] == 2
    assert {p.code for p in found.problems} == {"job-repeated"}


def test_a_post_without_an_employer_is_sent_back(wuhua, clerk):
    _run, found = hand_in(
        "招聘单位,岗位\n,普工\n星星冷链,质检\n".encode(),
        filename="a.csv",
        kind="jobs",
        organization=wuhua,
        by=clerk,
    )
    assert found.counts["rejected"] == 1


def test_a_clerk_imports_for_his_own_branch_only(panlong, clerk, fair_list):
    with pytest.raises(PermissionDenied):
        hand_in(fair_list, filename="招聘.csv", kind="jobs", organization=panlong, by=clerk)


def test_one_open_post_of_an_employer_and_name(wuhua):
    post = make_post(wuhua)
    with pytest.raises(ValidationError) as refused:
        make_post(wuhua)
    assert refused.value.code == "jobpost_open_once"
    actions.change_post_state(post, "fill", by=None)
    make_post(wuhua)
    with pytest.raises(ValidationError):
        actions.change_post_state(post, "reopen", by=None)


# --- Interest ------------------------------------------------------------------------------------------------


@pytest.mark.system("A111", "A146")
def test_interest_rests_on_consent_and_leads_to_an_outcome(wuhua, courier, clerk):
    fair = make_campaign(wuhua, title="物流专场招聘会", kind=Campaign.Kind.JOB_FAIR)
    make_activity(fair, title="现场招聘会（设法律咨询台）", capacity=None)
    post = make_post(wuhua, campaign=fair)
    with pytest.raises(ValidationError):
        actions.tell_interest(post, member=courier, agreed_version="")
    interest = actions.tell_interest(post, member=courier, agreed_version=AGREED)
    assert interest.consent_version == AGREED
    assert interest.consent_text
    assert actions.settle_interest(interest, "refer", by=clerk).state == "referred"
    assert actions.settle_interest(interest, "hire", by=clerk).state == "hired"


def test_not_hired_says_why_for_the_guidance_that_follows(wuhua, courier, clerk):
    interest = actions.tell_interest(make_post(wuhua), member=courier, agreed_version=AGREED)
    with pytest.raises(ValidationError):
        actions.settle_interest(interest, "pass_over", by=clerk)
    assert actions.settle_interest(interest, "pass_over", by=clerk, reason="技能不符").outcome_reason == "技能不符"


def test_told_twice_it_is_one_interest(wuhua, courier):
    post = make_post(wuhua)
    first = actions.tell_interest(post, member=courier, agreed_version=AGREED)
    assert actions.tell_interest(post, member=courier, agreed_version=AGREED) == first
    with pytest.raises(IntegrityError, match="interest_once"), transaction.atomic():
        JobInterest.objects.create(post=post, member=courier, consent_version="x", consent_text="x")


def test_interest_is_withdrawn_by_the_member_alone_and_may_come_again(wuhua, courier):
    post = make_post(wuhua)
    interest = actions.tell_interest(post, member=courier, agreed_version=AGREED)
    with pytest.raises(PermissionDenied):
        actions.withdraw_interest(interest, member=make_member(wuhua))
    withdrawn = actions.withdraw_interest(interest, member=courier)
    assert withdrawn.withdrawn_at
    with pytest.raises(TransitionRefused):
        actions.settle_interest(withdrawn, "refer", by=None)
    assert actions.tell_interest(post, member=courier, agreed_version=AGREED) != interest


def test_a_filled_post_takes_no_interest(wuhua, courier):
    post = actions.change_post_state(make_post(wuhua), "fill", by=None)
    with pytest.raises(ValidationError):
        actions.tell_interest(post, member=courier, agreed_version=AGREED)


def test_another_countys_clerk_sees_no_interest_and_settles_none(wuhua, courier, stranger):
    post = make_post(wuhua)
    interest = actions.tell_interest(post, member=courier, agreed_version=AGREED)
    assert not JobInterest.objects.visible_to(stranger).exists()
    for forbidden in (
        lambda: actions.settle_interest(interest, "refer", by=stranger),
        lambda: actions.change_post_state(post, "close", by=stranger),
        lambda: actions.save_posts([post], by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()


@pytest.fixture
def interest_of_another_county(wuhua, panlong):
    """A member of 盘龙 who wants to be introduced to an employer that 五华 looks after."""
    return actions.tell_interest(make_post(wuhua), member=make_member(panlong), agreed_version=AGREED)


def test_who_looks_after_the_post_sees_the_phone_for_a_purpose_and_the_member_sees_the_look(
    client, clerk, interest_of_another_county
):
    interest = interest_of_another_county
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    page = reverse("admin:campaigns_jobinterest_look", args=[interest.pk, "phone"])
    assert interest.member.phone not in client.get(page).content.decode()
    assert not AuditEvent.objects.looks().exists()
    assert interest.member.phone in client.post(page, {"purpose": "约定面试时间"}).content.decode()
    look = AuditEvent.objects.looks().get()
    assert (look.subject_type, look.subject_id) == ("members.Member", str(interest.member.pk))
    assert look.purpose == "约定面试时间"


def test_no_phone_is_shown_without_a_purpose_after_a_withdrawal_or_to_another_county(
    clerk, stranger, interest_of_another_county
):
    interest = interest_of_another_county
    with pytest.raises(ValidationError):
        actions.show_interested_phone(interest, by=clerk, purpose=" ")
    actions.withdraw_interest(interest, member=interest.member)
    with pytest.raises(ValidationError):
        actions.show_interested_phone(interest, by=clerk, purpose="约定面试时间")
    with pytest.raises(PermissionDenied):
        actions.show_interested_phone(interest, by=stranger, purpose="约定面试时间")
    assert not AuditEvent.objects.looks().exists()


# --- Posts of a draft ----------------------------------------------------------------------------------------


@pytest.fixture
def prepared(wuhua):
    """A post of a fair that is not published yet."""
    return make_post(wuhua, campaign=make_campaign(wuhua, title="筹备中的招聘会", public=False), title="筹备中的岗位")


def test_posts_of_a_draft_are_nowhere_on_the_site(client, prepared, wuhua):
    make_post(wuhua, title="已公布的岗位")
    pages = client.get(reverse("campaigns:jobs")), client.get(reverse("campaigns:jobs"), {"q": "岗位"})
    for page in pages:
        assert page.context["page"].paginator.count == 1
        assert "筹备中" not in page.content.decode()
    assert client.get(prepared.get_absolute_url()).status_code == 404


def test_nobody_tells_interest_in_a_post_of_a_draft(client, prepared, courier):
    as_member(client, courier)
    agreed = {"agreed": job_interest_consent().version}
    assert client.post(reverse("campaigns:interest", args=[prepared.pk]), agreed).status_code == 404
    with pytest.raises(ValidationError) as refused:
        actions.tell_interest(prepared, member=courier, agreed_version=agreed["agreed"])
    assert refused.value.code == "post_closed"
    assert not JobInterest.objects.exists()


def test_a_fair_taken_off_the_site_takes_its_posts_along_but_not_from_who_told_interest(client, prepared, courier):
    fair = actions.change_campaign_state(prepared.campaign, "publish", by=None)
    post = JobPost.objects.get(pk=prepared.pk)
    actions.tell_interest(post, member=courier, agreed_version=job_interest_consent().version)
    assert client.get(post.get_absolute_url()).status_code == 200
    actions.change_campaign_state(fair, "unpublish", by=None)
    assert client.get(post.get_absolute_url()).status_code == 404
    assert as_member(client, courier).get(post.get_absolute_url()).status_code == 200
