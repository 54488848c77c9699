"""What moves the points of a station between checks, and how far back a visitor can follow its stars."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from stations.actions import change_rectification, name_keepers, nominate
from stations.actions.feedback import Sender, give_feedback
from stations.models import Feedback, Rectification, Station
from stations.rating import LOCKED_DAYS, rate
from tests.factories import make_account, make_county, make_station
from tests.standards.makers import make_standard, stars_standard
from tests.stations.checks import HERE, make_confirmed, make_stars, publish
from unionportal.organizations.roles import Role
from unionportal.tickets import actions as tickets
from unionportal.tickets.models import Ticket

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def station(county):
    return make_station(county, hours_text="周一至周日 8:30-17:30", **HERE)


@pytest.fixture
def keeper(county, station):
    account = make_account(Role.STATION_KEEPER, county)
    name_keepers(station, [account], by=None)
    return account


def reported_locked(station: Station, *, days_ago: int) -> list[Ticket]:
    """Three strangers before a locked door, at ten o'clock of that day."""
    at = timezone.localtime().replace(hour=10) - datetime.timedelta(days=days_ago)
    senders = [Sender(f"192.0.2.{number}", f"device-{days_ago}-{number}") for number in (1, 2, 3)]
    return [give_feedback(station, Feedback.LOCKED, sender=sender, at=at).ticket for sender in senders]


def points(station: Station) -> int:
    return int(rate(Station.objects.get(pk=station.pk)).result.points)


# --- Reported locked ---------------------------------------------------------------------------------------------


def test_an_answer_takes_the_mark_off_a_station_reported_locked_and_not_the_deduction(station, keeper, client):
    make_stars(station)
    reports = reported_locked(station, days_ago=1)
    assert points(station) == 20
    tickets.move(reports, "answer", by=keeper, text="我们开着门。")
    assert Station.objects.get(pk=station.pk).reported_locked_at is None
    assert points(station) == 20
    page = client.get(f"/stations/{station.code}/rating/").content.decode()
    assert "−10" in page
    assert "扣10分" in page and "90天" in page, "the formula says what is taken off, and for how long"


def test_each_time_counts_and_the_points_come_back_after_ninety_days(station, keeper):
    make_stars(station)
    for days_ago in (LOCKED_DAYS + 1, LOCKED_DAYS - 10, 20):
        tickets.move(reported_locked(station, days_ago=days_ago), "answer", by=keeper, text="我们开着门。")
    assert points(station) == 10


def test_what_the_county_finds_untrue_is_given_back(station, keeper, county):
    make_stars(station)
    reports = reported_locked(station, days_ago=1)
    tickets.dismiss(reports[:1], by=make_account(Role.CLERK, county), reason="监控显示当时开门")
    assert points(station) == 30


def test_a_report_that_nobody_answers_counts_until_somebody_does(station):
    make_stars(station)
    reports = reported_locked(station, days_ago=LOCKED_DAYS + 1)
    assert points(station) == 20
    tickets.move(reports, "answer", by=None, text="已换锁。")
    assert points(station) == 30


# --- Put right ---------------------------------------------------------------------------------------------------


def test_the_points_of_a_second_check_return_when_what_was_open_since_the_first_is_verified(station):
    standard = stars_standard()
    for _ in range(2):
        make_confirmed(station, standard, met=[True, False, None])
    assert points(station) == 20
    row = change_rectification(Rectification.objects.get(), "mend", by=None, note="修好了")
    change_rectification(row, "verify_mended", by=None)
    assert points(station) == 30


# --- Followed back -------------------------------------------------------------------------------------------------


def test_stars_that_rest_on_an_earlier_check_are_followed_to_its_criteria_standard_and_union(station, county, client):
    make_stars(station, 3, year=YEAR - 1)
    other = make_standard({"text": "只在新标准里"}, grades={1: 1}, name="新标准")
    make_confirmed(station, other, level="city", met=False)
    page = client.get(f"/stations/{station.code}/rating/").content.decode()
    today, earlier = page.split('id="check-', 1)
    assert "只在新标准里" in today and "按时开放" not in today
    for words in ("示例标准（1）", "按时开放", "30分", county.name, "县级检查", "3星：不少于30分"):
        assert words in earlier, words


def test_a_check_that_carries_no_honour_in_force_is_not_spread_out(station, client):
    standard = stars_standard()
    for _ in range(2):
        make_confirmed(station, standard)
    publish(nominate(station, kind="finest", level="county", year=YEAR, by=None))
    assert rate(station).earlier == []
    assert 'id="check-' not in client.get(f"/stations/{station.code}/rating/").content.decode()


def test_earlier_checks_cost_the_same_queries_however_many_carry_honours(station, django_assert_max_num_queries):
    for years_ago in range(4):
        make_stars(station, year=YEAR - years_ago)
    station = Station.objects.get(pk=station.pk)
    with django_assert_max_num_queries(16):
        assert len(rate(station).earlier) == 3
