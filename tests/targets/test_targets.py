"""Targets: split among units, checked by quarter, verified; figures as printed."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.factories import make_account, make_county, make_federation
from unionportal.figures import Qualifier
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused
from unionportal.targets.actions import allocate, change_target_state, report
from unionportal.targets.lifecycle import TargetState
from unionportal.targets.models import Plan, Target
from unionportal.targets.progress import progress_of

pytestmark = pytest.mark.django_db

YEAR = 2023


@pytest.fixture
def city():
    return make_federation()


@pytest.fixture
def counties(city):
    return [make_county("甲区总工会（演示）", "530102"), make_county("乙区总工会（演示）", "530103")]


@pytest.fixture
def clerk(city):
    return make_account(Role.CLERK, city)


@pytest.fixture
def reviewer(city):
    return make_account(Role.REVIEWER, city)


def make_target(organization, figure="300个", year=YEAR, **fields):
    plan, _new = Plan.objects.get_or_create(organization=organization, title="建设计划", from_year=year, to_year=year)
    due = fields.pop("due_on", datetime.date(year, 12, 31))
    return Target.objects.create(
        plan=plan, organization=organization, title=fields.pop("title", "新建驿站"), year=year, due_on=due,
        figure=figure, **fields,
    )  # fmt: skip


def test_a_target_keeps_its_figure_as_printed_with_its_qualifier(city):
    for printed, value, qualifier in (
        ("2460多万元", 24_600_000, Qualifier.OVER),
        ("1430个", 1430, Qualifier.EXACT),
        ("近300个", 300, Qualifier.NEARLY),
        ("12187.57平方米", Decimal("12187.57"), Qualifier.EXACT),
    ):
        target = make_target(city, printed, title=printed)
        target.refresh_from_db()
        assert (target.figure, target.value, target.qualifier) == (printed, value, qualifier)


def test_a_figure_that_cannot_be_read_is_a_form_error_not_a_guess(city):
    target = make_target(city)
    target.figure = "很多"
    with pytest.raises(ValidationError) as refused:
        target.full_clean()
    assert "figure" in refused.value.message_dict


def test_shares_add_up_to_the_figure_exactly_or_nothing_is_split(city, counties, clerk):
    target = make_target(city)
    for wrong in ({counties[0]: 150, counties[1]: 149}, {counties[0]: 301}, {}, {counties[0]: 400, counties[1]: -100}):
        with pytest.raises(ValidationError):
            allocate(target, wrong, by=clerk)
    shares = allocate(target, {counties[0]: 180, counties[1]: 120}, by=clerk)
    assert [share.figure for share in shares] == ["180个", "120个"]
    target.refresh_from_db()
    assert target.state == TargetState.ALLOCATED


def test_a_target_is_split_below_its_owner_only(city, counties, clerk):
    target = make_target(counties[0], "10个")
    for wrong in (counties[1], counties[0], city):
        with pytest.raises(ValidationError):
            allocate(target, {wrong: 10}, by=clerk)


def test_a_county_clerk_cannot_split_the_citys_target_nor_report_for_another_county(city, counties):
    stranger = make_account(Role.CLERK, counties[1])
    target = make_target(city)
    own = make_target(counties[0], "10个")
    with pytest.raises(PermissionDenied):
        allocate(target, {counties[1]: 300}, by=stranger)
    with pytest.raises(PermissionDenied):
        report(own, year=YEAR, quarter=1, figure="5个", by=stranger)
    assert not own.checks.exists()


def test_splitting_again_replaces_the_shares_until_one_was_checked(city, counties, clerk):
    target = make_target(city)
    allocate(target, {counties[0]: 300}, by=clerk)
    _first, second = allocate(target, {counties[0]: 200, counties[1]: 100}, by=clerk)
    assert target.shares.count() == 2
    report(second, year=YEAR, quarter=1, figure="30个", by=clerk)
    with pytest.raises(ValidationError):
        allocate(target, {counties[0]: 300}, by=clerk)


def test_a_quarter_handed_in_again_replaces_its_figure_and_a_fall_needs_a_note(city, clerk):
    target = make_target(city)
    report(target, year=YEAR, quarter=1, figure="80个", by=clerk)
    report(target, year=YEAR, quarter=1, figure="90个", by=clerk)
    assert target.checks.count() == 1
    with pytest.raises(ValidationError):
        report(target, year=YEAR, quarter=2, figure="70个", by=clerk)
    report(target, year=YEAR, quarter=2, figure="70个", note="两处撤并", by=clerk)
    assert target.done == 70


def test_a_figure_in_another_unit_is_refused(city, clerk):
    target = make_target(city)
    with pytest.raises(ValidationError):
        report(target, year=YEAR, quarter=1, figure="80万元", by=clerk)


def test_a_target_is_reached_by_its_check_and_verified_by_a_reviewer_only(city, clerk, reviewer):
    target = make_target(city)
    with pytest.raises(TransitionRefused):
        change_target_state(target, "verify", by=reviewer)
    report(target, year=YEAR, quarter=3, figure="299个", by=clerk)
    target.refresh_from_db()
    assert (target.state, target.share_done) == (TargetState.SET, 99)
    report(target, year=YEAR, quarter=4, figure="300个", by=clerk)
    target.refresh_from_db()
    assert target.state == TargetState.REACHED
    with pytest.raises(PermissionDenied):
        change_target_state(target, "verify", by=clerk)
    assert change_target_state(target, "verify", by=reviewer).state == TargetState.VERIFIED
    with pytest.raises(ValidationError):
        report(target, year=YEAR, quarter=4, figure="301个", by=clerk)


def test_a_corrected_figure_below_the_target_makes_it_owed_again(city, counties, clerk):
    target = make_target(city)
    allocate(target, {counties[0]: 300}, by=clerk)
    report(target, year=YEAR, quarter=4, figure="300个", by=clerk)
    report(target, year=YEAR, quarter=4, figure="280个", by=clerk)
    target.refresh_from_db()
    assert target.state == TargetState.ALLOCATED


def test_only_the_union_that_set_a_target_verifies_or_drops_it(city, counties, clerk, reviewer):
    whole = make_target(city)
    share, _other = allocate(whole, {counties[0]: 200, counties[1]: 100}, by=clerk)
    county_reviewer, county_clerk = make_account(Role.REVIEWER, counties[0]), make_account(Role.CLERK, counties[0])
    with pytest.raises(PermissionDenied):
        change_target_state(share, "drop", by=county_clerk, reason="完不成")
    report(share, year=YEAR, quarter=1, figure="200个", by=county_clerk)
    with pytest.raises(PermissionDenied):
        change_target_state(share, "verify", by=county_reviewer)
    assert change_target_state(share, "verify", by=reviewer).state == TargetState.VERIFIED


def test_the_state_is_not_set_by_hand_and_dropping_needs_a_reason(city, clerk):
    target = make_target(city)
    with pytest.raises(ValidationError):
        change_target_state(target, "reach", by=clerk)
    with pytest.raises(ValidationError):
        change_target_state(target, "drop", by=clerk)
    assert change_target_state(target, "drop", by=clerk, reason="并入另一目标").state == TargetState.DROPPED


def test_overdue_targets_are_those_owed_after_their_day(city):
    today = timezone.localdate()
    late = make_target(city, title="迟", due_on=today - datetime.timedelta(days=1))
    make_target(city, title="今日", due_on=today)
    done = make_target(city, title="成", due_on=today - datetime.timedelta(days=1))
    Target.objects.filter(pk=done.pk).update(state=TargetState.VERIFIED)
    assert list(Target.objects.overdue()) == [late]


def test_one_quarter_is_checked_once_and_a_plan_ends_after_it_begins(city, clerk):
    check = report(make_target(city), year=YEAR, quarter=1, figure="1个", by=clerk)
    check.pk = None
    check._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        check.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.create(organization=city, title="错", from_year=2027, to_year=2022)


def test_the_progress_of_a_plan_shows_shares_below_their_whole_quarter_by_quarter(city, counties, clerk):
    target = make_target(city)
    first, _second = allocate(target, {counties[0]: 180, counties[1]: 120}, by=clerk)
    report(first, year=YEAR, quarter=2, figure="90个", by=clerk)
    [(year, [row])] = progress_of(Target.objects.all())
    assert (year, row.target) == (YEAR, target)
    assert [share.target.figure for share in row.shares] == ["180个", "120个"]
    assert row.shares[0].quarters == ["", "90个", "", ""]


def test_a_county_sees_its_share_and_the_citys_plan_but_not_another_countys_share(city, counties, clerk, client):
    target = make_target(city)
    allocate(target, {counties[0]: 180, counties[1]: 120}, by=clerk)
    county_clerk = make_account(Role.CLERK, counties[0])
    assert [t.figure for t in Target.objects.visible_to(county_clerk)] == ["180个"]
    client.force_login(county_clerk)
    page = client.get(f"/admin/targets/plan/{target.plan_id}/progress/").content.decode()
    assert "180个" in page
    assert "120个" not in page
    assert not Plan.objects.editable_by(county_clerk).exists()


def test_the_desk_splits_and_reports_on_two_pages(city, counties, clerk, client):
    target = make_target(city)
    client.force_login(clerk)
    client.post(f"/admin/targets/target/{target.pk}/split/", {f"unit-{counties[0].pk}": "300"})
    share = Target.objects.get(parent=target)
    client.post(f"/admin/targets/target/{share.pk}/report/", {"year": YEAR, "quarter": 1, "figure": "75个", "note": ""})
    assert share.checks.get().figure == "75个"
    page = client.get(f"/admin/targets/target/{share.pk}/change/").content.decode()
    assert "75个" in page
