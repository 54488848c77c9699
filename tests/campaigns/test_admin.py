"""The staff's pages: every list and form for an insider, nothing for an outsider, verbs by buttons."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import actions
from campaigns.consent import job_interest_consent
from campaigns.models import Activity, Campaign, Pool, Registration, Wish
from tests.campaigns.makers import (
    as_member,
    hours,
    make_activity,
    make_campaign,
    make_member,
    make_pool,
    make_post,
    make_wish,
)
from tests.factories import make_account
from unionportal.audit.models import AuditEvent
from unionportal.ledger.models import LedgerLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(wuhua, courier):
    """One record for each staff page."""
    campaign = make_campaign(wuhua)
    pool = make_pool(campaign)
    post = make_post(wuhua)
    wish = actions.buy(
        make_wish(courier, state="confirmed"),
        by=None,
        amount_fen=12_000,
        source_level="city",
        on=datetime.date(2026, 1, 5),
    )
    activity = make_activity(campaign)
    return {
        "campaigns_campaign": campaign,
        "campaigns_activity": activity,
        "campaigns_registration": actions.sign_up(activity, member=courier),
        "campaigns_pool": pool,
        "campaigns_coupon": actions.claim(pool, member=courier),
        "campaigns_wish": wish,
        "campaigns_jobpost": post,
        "campaigns_jobinterest": actions.tell_interest(
            post, member=courier, agreed_version=job_interest_consent().version
        ),
        "ledger_ledgerline": wish.ledger_links.get().line,
    }


def test_every_staff_page_opens_for_the_clerk_and_is_not_there_for_a_stranger(client, rows, clerk, stranger):
    client.force_login(clerk)
    for name, row in rows.items():
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200, name
        assert client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200, name
    for name in ("campaign", "activity", "registration", "pool", "wish", "jobpost"):
        assert client.get(reverse(f"admin:campaigns_{name}_add")).status_code == 200, name
    assert client.get(reverse("admin:ledger_ledgerline_add")).status_code == 200
    assert client.get(reverse("admin:index")).status_code == 200
    client.force_login(stranger)
    for name, row in rows.items():
        listed = client.get(reverse(f"admin:{name}_changelist"))
        assert listed.context["cl"].result_count == 0, name
        assert client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 404, name


def test_a_verb_button_of_a_stranger_is_not_there_and_of_a_reader_refused(client, rows, stranger, wuhua):
    address = reverse("admin:campaigns_activity_do", args=[rows["campaigns_activity"].pk, "call_off"])
    client.force_login(stranger)
    assert client.post(address, {"reason": "x"}).status_code == 404
    client.force_login(make_account("read_only", wuhua))
    assert client.post(address, {"reason": "x"}).status_code == 403
    assert Activity.objects.get().state == "planned"


def campaign_form(campaign: Campaign, **inline: str) -> dict[str, str]:
    return {
        "organization": campaign.organization_id,
        "title": campaign.title,
        "kind": campaign.kind,
        "season": "",
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": "",
        "summary": "",
        "activities-TOTAL_FORMS": "1",
        "activities-INITIAL_FORMS": "0",
        "activities-MIN_NUM_FORMS": "0",
        "activities-MAX_NUM_FORMS": "1000",
        **{f"activities-0-{name}": value for name, value in inline.items()},
    }


def test_a_clerk_writes_a_campaign_with_its_activity_and_publishes_it(client, clerk, wuhua):
    client.force_login(clerk)
    campaign = make_campaign(wuhua, title="周末课堂", public=False)
    start = timezone.localtime(timezone.now() + hours(50))
    answer = client.post(
        reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
        campaign_form(
            campaign,
            title="瑜伽班",
            starts_at_0=start.strftime("%Y-%m-%d"),
            starts_at_1="19:00",
            ends_at_0=start.strftime("%Y-%m-%d"),
            ends_at_1="20:30",
            place="街道文化站",
            capacity="20",
            audience="members",
        ),
    )
    assert answer.status_code == 302, answer.context["errors"]
    assert Activity.objects.get().title == "瑜伽班"
    client.post(reverse("admin:campaigns_campaign_do", args=[campaign.pk, "publish"]))
    assert Campaign.objects.get(pk=campaign.pk).state == "published"


def test_lowering_the_places_below_what_is_taken_is_told_with_the_number(client, clerk, rows, wuhua):
    activity = rows["campaigns_activity"]
    actions.sign_up(activity, member=make_member(wuhua))
    client.force_login(clerk)
    starts, ends = (timezone.localtime(moment) for moment in (activity.starts_at, activity.ends_at))
    form = {
        "campaign": activity.campaign_id,
        "title": activity.title,
        "starts_at_0": starts.strftime("%Y-%m-%d"),
        "starts_at_1": starts.strftime("%H:%M:%S"),
        "ends_at_0": ends.strftime("%Y-%m-%d"),
        "ends_at_1": ends.strftime("%H:%M:%S"),
        "place": activity.place,
        "capacity": "1",
        "audience": "members",
        "photos-TOTAL_FORMS": "0",
        "photos-INITIAL_FORMS": "0",
    }
    answer = client.post(reverse("admin:campaigns_activity_change", args=[activity.pk]), form)
    assert any("2" in error for errors in answer.context["errors"] for error in errors)
    assert Activity.objects.get().capacity == 2


def test_a_member_without_a_phone_is_signed_up_at_the_desk_by_name(client, clerk, rows, wuhua, panlong):
    make_member(wuhua, "演示·孙某", phone="")
    make_member(panlong, "演示·别区会员", phone="")
    client.force_login(clerk)
    address = reverse("admin:campaigns_registration_add")
    activity = rows["campaigns_activity"].pk
    assert client.post(address, {"activity": activity, "member": "演示·别区会员"}).status_code == 200
    assert client.post(address, {"activity": activity, "member": "演示·孙某"}).status_code == 302
    assert Registration.objects.get(member__name="演示·孙某").entered_by == clerk


def test_several_are_marked_present_at_once(client, clerk, rows, wuhua):
    activity = rows["campaigns_activity"]
    other = actions.sign_up(activity, member=make_member(wuhua))
    chosen = [rows["campaigns_registration"].pk, other.pk]
    with time_machine.travel(activity.starts_at, tick=False):
        client.force_login(clerk)
        client.post(
            reverse("admin:campaigns_registration_changelist"),
            {"action": "mark_present", "_selected_action": chosen},
        )
    assert set(activity.registrations.values_list("state", flat=True)) == {"attended"}


def test_a_wish_walks_through_its_buttons(client, clerk, courier):
    client.force_login(clerk)
    wish = make_wish(courier)
    steps = [
        ("screen", {"reason": "符合"}),
        ("confirm", {"may_be_shown": "on", "public_text": "一个新书包", "public_name": "一位快递员"}),
        ("buy", {"amount_fen": "128.50", "source_level": "city", "on": "2026-01-05", "payee": "文具店"}),
        ("deliver", {"on": "2026-01-06", "note": "送到驿站"}),
        ("thank", {"words": "谢谢"}),
    ]
    for verb, answers in steps:
        address = reverse("admin:campaigns_wish_do", args=[wish.pk, verb])
        assert client.get(address).status_code == 200
        assert client.post(address, answers).status_code == 302, verb
    wish.refresh_from_db()
    assert wish.state == "thanked"
    assert LedgerLine.objects.get().amount_fen == 12_850


def test_reading_a_wish_is_written_down_and_an_auditor_reads_it_not(client, clerk, courier, wuhua):
    wish = make_wish(courier)
    address = reverse("admin:campaigns_wish_change", args=[wish.pk])
    client.force_login(clerk)
    assert "小雨" in client.get(address).content.decode()
    assert AuditEvent.objects.looks().about(wish).count() == 1
    client.force_login(make_account("auditor", wuhua))
    assert "小雨" not in client.get(address).content.decode()
    assert AuditEvent.objects.looks().about(wish).count() == 1
    assert "小雨" not in client.get(reverse("admin:campaigns_wish_changelist")).content.decode()


def test_the_wisher_sees_on_his_page_who_read_his_wish(client, clerk, courier):
    wish = make_wish(courier)
    client.force_login(clerk)
    client.get(f"/admin/campaigns/wish/{wish.pk}/change/")
    page = as_member(Client(), courier).get("/me/").content.decode()
    assert "心愿，用途：办理心愿" in page
    assert str(clerk.organization) in page


def test_money_is_typed_in_yuan_and_kept_in_fen(client, clerk, wuhua):
    client.force_login(clerk)
    now = timezone.localtime()
    campaign = make_campaign(wuhua)
    form = {"campaign": campaign.pk, "title": "蛋糕券", "size": "10", "per_member": "1", "audience": "verified"}
    form |= {"value_fen": "10", "value_up_to_fen": "20.50", "terms": "", "merchant": ""}
    for name, days in (("opens_at", 1), ("closes_at", 2), ("valid_until", 9)):
        form |= {f"{name}_0": (now + datetime.timedelta(days)).strftime("%Y-%m-%d"), f"{name}_1": "10:00"}
    answer = client.post(reverse("admin:campaigns_pool_add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    pool = Pool.objects.get()
    assert (pool.value_fen, pool.value_up_to_fen) == (1_000, 2_050)


def test_a_ledger_line_is_booked_and_reversed_but_never_changed(client, clerk, wuhua, panlong):
    client.force_login(clerk)
    form = {"amount_fen": "68400", "source_level": "city", "purpose": "慰问", "occurred_on": "2026-01-05"}
    form |= {"payer": "", "payer_partner": "", "payee": "", "evidence": ""}
    assert client.post(reverse("admin:ledger_ledgerline_add"), {**form, "organization": panlong.pk}).status_code == 200
    assert client.post(reverse("admin:ledger_ledgerline_add"), {**form, "organization": wuhua.pk}).status_code == 302
    line = LedgerLine.objects.get()
    assert line.amount == "6.84万元"
    change = reverse("admin:ledger_ledgerline_change", args=[line.pk])
    assert client.post(change, {**form, "organization": wuhua.pk, "purpose": "改"}).status_code == 403
    client.post(
        reverse("admin:ledger_ledgerline_reverse_line", args=[line.pk]), {"purpose": "重复", "on": "2026-01-06"}
    )
    assert LedgerLine.objects.total() == 0


def test_lists_cost_as_many_queries_for_three_as_for_one(client, clerk, rows, wuhua, django_assert_max_num_queries):
    for serial in range(3):
        member = make_member(wuhua)
        activity = make_activity(rows["campaigns_campaign"], title=f"第{serial}场")
        actions.sign_up(activity, member=member)
        actions.claim(rows["campaigns_pool"], member=member)
        make_wish(member)
        make_post(wuhua, title=f"岗位{serial}")
    client.force_login(clerk)
    for name in rows:
        with django_assert_max_num_queries(16):
            client.get(reverse(f"admin:{name}_changelist"))


def test_the_wish_list_shows_the_next_verb(client, clerk, courier):
    make_wish(courier, state="screened")
    client.force_login(clerk)
    page = client.get(reverse("admin:campaigns_wish_changelist")).content.decode()
    assert str(next(t.label for t in actions.wishes.lifecycle.WISH.transitions if t.verb == "confirm")) in page
    assert Wish.objects.get().state == "screened"


@pytest.mark.parametrize("model", apps.get_app_config("campaigns").get_models(), ids=lambda model: model.__name__)
def test_no_row_of_a_staff_form_holds_two_moments(model):
    """A moment has an input for the day and one for the time: two in a row are wider than a page of 1280 px."""
    page = admin.site._registry.get(model)
    rows = [row for row in (page and page.fields) or () if isinstance(row, tuple)]
    moments = {field.name for field in model._meta.fields if isinstance(field, models.DateTimeField)}
    assert not [row for row in rows if len(moments & set(row)) > 1]
