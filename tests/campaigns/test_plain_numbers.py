"""What campaigns publish holds no number of a person, and the wall names no wisher."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import actions
from campaigns.models import JobPost, Pool
from members.demo import demo_id_number
from members.naming import names_member
from tests.campaigns.makers import make_activity, make_campaign, make_member, make_pool, make_post, make_wish
from unionportal.sheets.actions import hand_in

pytestmark = pytest.mark.django_db

PHONE = "10000000009"


def test_campaigns_activities_and_giveaways_refuse_a_number_at_its_field(wuhua):
    campaign = make_campaign(wuhua)
    for save, subject, field in (
        (actions.save_campaign, campaign, "summary"),
        (actions.save_activity, make_activity(campaign), "details"),
        (actions.save_pool, make_pool(campaign), "terms"),
    ):
        setattr(subject, field, f"联系人电话 {PHONE}")
        with pytest.raises(ValidationError) as refused:
            save(subject, by=None)
        assert list(refused.value.message_dict) == [field]
        assert PHONE not in str(refused.value)
    assert Pool.objects.get().terms == ""


def test_the_staffs_form_shows_it_beside_the_field(client, wuhua, clerk):
    client.force_login(clerk)
    post = make_post(wuhua)
    fields = {name: getattr(post, name) for name in ("title", "employer_name", "headcount_text", "pay_text")}
    answer = client.post(
        reverse("admin:campaigns_jobpost_change", args=[post.pk]),
        {**fields, "organization": wuhua.pk, "requirements": f"加微信{PHONE}"},
    )
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["requirements"]


def test_a_sheet_of_posts_is_sent_back_with_the_cell(wuhua, clerk):
    text = f"招聘单位,岗位,要求\n星星冷链,普工,加微信{PHONE}\n星星冷链,叉车工,有证\n"
    _run, found = hand_in(text.encode(), filename="岗位.csv", kind="jobs", organization=wuhua, by=clerk)
    ((problem, row),) = [(p, r) for r in found.rows for p in r.problems if p.code == "job-personal-number"]
    assert problem.field == "requirements"
    assert row.is_rejected
    assert PHONE not in repr(problem)
    assert not JobPost.objects.exists()


def test_reasons_that_members_read_hold_no_number(wuhua, clerk, courier):
    wish = make_wish(courier)
    with pytest.raises(ValidationError, match="手机号"):
        actions.screen(wish, by=clerk, reason=f"已电话{PHONE}核实")
    with pytest.raises(ValidationError, match="手机号"):
        actions.change_activity_state(
            make_activity(make_campaign(wuhua)), "call_off", by=clerk, reason=f"有事打{PHONE}"
        )


# --- The wall ------------------------------------------------------------------------------------------------


@pytest.fixture
def wisher(wuhua):
    return make_member(
        wuhua, "欧阳小明", phone="10000001234", id_number=demo_id_number("530102", datetime.date(1990, 2, 3), 997)
    )


@pytest.mark.parametrize(
    "words",
    [
        "欧阳小明的书包",
        "欧 阳 小 明",
        "欧阳先生的书包",
        "一位欧阳女士",
        "欧阳师傅",
        "欧阳某",
        "欧阳**",
        "小欧阳，快递员",
    ],
)
def test_a_wall_that_names_the_wisher_is_refused(wisher, clerk, words):
    wish = actions.screen(make_wish(wisher), by=clerk, reason="符合")
    for shown in ({"public_text": words, "public_name": "一位快递员"}, {"public_text": "书包", "public_name": words}):
        with pytest.raises(ValidationError) as refused:
            actions.confirm(wish, by=clerk, may_be_shown=True, **shown)
        assert refused.value.code == "named"


def test_neither_his_phone_nor_his_id_number_stands_on_the_wall(wisher, clerk):
    wish = actions.screen(make_wish(wisher), by=clerk, reason="符合")
    for number in (wisher.phone, f"{wisher.phone[:3]} {wisher.phone[3:7]} {wisher.phone[7:]}", wisher.id_number):
        with pytest.raises(ValidationError):
            actions.confirm(wish, by=clerk, may_be_shown=True, public_text=f"书包 {number}", public_name="一位快递员")


@pytest.mark.parametrize(
    ("name", "words", "named"),
    [
        ("李明", "小李的书包", True),
        ("李明", "送给小李", True),
        ("李明", "李先生", True),
        ("李明", "一个行李箱", False),
        ("李明", "想吃小李子", False),
        ("高明", "高大的书柜", False),
        ("高明", "高总", True),
        ("演示·钱某", "钱先生的心愿", True),
        ("演示·钱某", "省下的钱买书", False),
        ("买买提·阿不都", "买买提的鞋", True),
        ("John Smith", "for johnsmith", True),
        ("王", "一位母亲", False),
    ],
)
def test_a_surname_names_somebody_only_as_people_are_spoken_of(wuhua, name, words, named):
    assert names_member(make_member(wuhua, name), words) is named
