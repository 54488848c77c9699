"""Nearness and doubts about positions, each against the plain sum."""

from __future__ import annotations

import random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.actions import (
    FAR_METRES,
    StationDraft,
    name_keepers,
    position_doubts,
    review_positions,
    save_stations,
    settle_doubt,
)
from stations.models import PositionDoubt, Station
from stations.positions import far_points, outside_box, shared_points
from tests.factories import make_account, make_county, make_station
from unionportal.audit.models import AuditEvent
from unionportal.coordinates import distance
from unionportal.organizations.roles import Role

CENTRE = (25.04, 102.71)


# --- Points of a list --------------------------------------------------------------------------------------


def plainly_far(points: dict[int, tuple[float, float]]) -> dict[int, int]:
    if len(points) < 4:
        return {}
    found = {}
    for key, point in points.items():
        nearest = min(distance(point, other) for another, other in points.items() if another != key)
        if nearest > FAR_METRES:
            found[key] = round(nearest / 1000)
    return found


spots = st.tuples(st.floats(18, 54), st.floats(73, 135))
around = st.tuples(st.floats(24, 26.5), st.floats(101.5, 104))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(spots, around), max_size=25))
def test_far_points_are_those_that_the_plain_sum_finds(drawn):
    points = dict(enumerate(drawn))
    assert far_points(points) == plainly_far(points)


def test_two_stations_on_one_point_are_near_each_other():
    assert far_points(dict(enumerate([CENTRE, CENTRE, CENTRE, (30.0, 110.0), (30.0, 110.0)]))) == {}


def test_three_stations_say_nothing_about_where_they_should_be():
    assert far_points({1: CENTRE, 2: (30.0, 110.0), 3: (40.0, 116.0)}) == {}


def test_a_list_of_thousands_in_one_city_is_quick():
    chance = random.Random(5301)
    points = {n: (CENTRE[0] + chance.uniform(-0.2, 0.2), CENTRE[1] + chance.uniform(-0.2, 0.2)) for n in range(5000)}
    points[0] = (39.9, 116.4)
    assert set(far_points(points)) == {0}


def test_points_outside_the_federation_and_points_that_were_copied_are_named():
    points = {1: CENTRE, 2: CENTRE, 3: CENTRE, 4: (25.1, 102.7), 5: (39.9, 116.4)}
    assert outside_box(points) == [5]
    assert shared_points(points) == [[1, 2, 3]]
    assert shared_points({1: CENTRE, 2: CENTRE}) == []


# --- Nearest first -----------------------------------------------------------------------------------------


def scatter(organization, count: int, seed: int = 1) -> list[Station]:
    chance = random.Random(seed)
    drafts = [
        StationDraft(
            Station(
                organization=organization,
                name=f"散点驿站{number}",
                kind_id="HW",
                status="open",
                latitude=chance.uniform(20, 53) if number % 3 else chance.uniform(24.9, 25.2),
                longitude=chance.uniform(75, 134) if number % 3 else chance.uniform(102.5, 102.9),
            )
        )
        for number in range(count)
    ]
    return save_stations(drafts, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize("here", [CENTRE, (53.4, 122.3), (3.5, 112.0), (39.5, 74.0)])
def test_stations_are_in_the_order_of_their_distance_over_the_ground(here):
    stations = scatter(make_county(), 120)
    plain = {s.pk: distance(here, (s.latitude, s.longitude)) for s in stations}
    found = list(Station.objects.near(*here))
    assert [s.pk for s in found] == sorted(plain, key=plain.__getitem__)
    assert all(abs(s.distance - plain[s.pk]) < 0.5 for s in found)


@pytest.mark.django_db
def test_stations_without_a_position_come_last_and_stations_at_hand_are_at_0_metres():
    county = make_county()
    nowhere = make_station(county, "无坐标驿站")
    far = make_station(county, "远驿站", latitude=39.9, longitude=116.4)
    here = make_station(county, "近驿站", latitude=CENTRE[0], longitude=CENTRE[1])
    found = list(Station.objects.near(*CENTRE))
    assert found == [here, far, nowhere]
    assert found[0].distance == pytest.approx(0, abs=0.2)
    assert found[2].distance is None


@pytest.mark.django_db
def test_nearness_is_read_from_the_index():
    scatter(make_county(), 30)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Station.objects.near(*CENTRE)[:10].explain()
    assert "station_sphere" in plan
    assert "Seq Scan" not in plan


# --- Doubts ------------------------------------------------------------------------------------------------


def doubts() -> set[tuple[str, str]]:
    return set(PositionDoubt.objects.values_list("station__name", "code"))


def place(station: Station, latitude: float | None, longitude: float | None) -> None:
    station.latitude, station.longitude = latitude, longitude
    save_stations([StationDraft(station)], by=None)


@pytest.mark.django_db
def test_a_point_outside_the_federation_is_doubted_until_it_is_corrected():
    station = make_station(make_county(), "甲", latitude=39.9, longitude=116.4)
    assert doubts() == {("甲", "outside")}
    place(station, *CENTRE)
    assert doubts() == set()


@pytest.mark.django_db
def test_a_station_that_loses_its_position_loses_its_doubts():
    station = make_station(make_county(), "甲", latitude=39.9, longitude=116.4)
    place(station, None, None)
    assert doubts() == set()


@pytest.mark.django_db
def test_the_third_station_on_one_point_puts_all_three_in_doubt_and_its_leaving_clears_them():
    county = make_county()
    stations = [make_station(county, name, latitude=25.0, longitude=102.7) for name in "甲乙"]
    assert doubts() == set()
    stations.append(make_station(county, "丙", latitude=25.0, longitude=102.7))
    assert doubts() == {(name, "shared") for name in "甲乙丙"}
    place(stations[0], 25.01, 102.71)
    assert doubts() == set()


@pytest.mark.django_db
def test_a_station_far_from_at_least_three_others_of_its_union_is_doubted():
    county = make_county()
    for number, name in enumerate("甲乙"):
        make_station(county, name, latitude=25.0 + number / 100, longitude=102.7)
    lost = make_station(county, "丁", latitude=26.0, longitude=102.7)
    assert doubts() == set()
    make_station(county, "丙", latitude=25.03, longitude=102.7)
    review_positions([lost])
    assert doubts() == {("丁", "far")}
    # A neighbour proves it right after all, though only the neighbour is saved.
    make_station(county, "戊", latitude=26.01, longitude=102.71)
    assert doubts() == set()


@pytest.mark.django_db
def test_stations_of_another_union_say_nothing_about_where_ours_should_be():
    ours, theirs = make_county(), make_county("盘龙区总工会（演示）", "530103")
    for number in range(4):
        make_station(theirs, f"盘龙{number}", latitude=25.0 + number / 100, longitude=102.7)
    make_station(ours, "甲", latitude=26.2, longitude=102.7)
    assert doubts() == set()


@pytest.mark.django_db
def test_doubts_of_saved_stations_are_those_that_the_plain_sum_finds():
    stations = scatter(make_county(), 60, seed=7)
    plain = plainly_far({s.pk: (s.latitude, s.longitude) for s in stations})
    found = position_doubts([s.pk for s in stations])
    assert {pk for pk, codes in found.items() if "far" in codes} == set(plain)


@pytest.mark.django_db
def test_a_doubt_that_was_settled_stays_settled():
    county = make_county()
    clerk = make_account(Role.CLERK, county)
    station = make_station(county, "甲", latitude=39.9, longitude=116.4)
    settle_doubt(PositionDoubt.objects.get(), answer=" 驻京办驿站，位置无误 ", by=clerk)
    save_stations([StationDraft(station)], by=None)
    place(station, *CENTRE)
    doubt = PositionDoubt.objects.get()
    assert (doubt.answer, doubt.settled_by) == ("驻京办驿站，位置无误", clerk)


@pytest.mark.django_db
def test_a_settled_doubt_is_asked_anew_when_the_station_moves_to_another_odd_place():
    county = make_county()
    clerk = make_account(Role.CLERK, county)
    station = make_station(county, "甲", latitude=39.9, longitude=116.4)
    settle_doubt(PositionDoubt.objects.get(), answer="驻京办驿站，位置无误", by=clerk)
    place(station, 31.2, 121.5)
    doubt = PositionDoubt.objects.get()
    assert (doubt.code, doubt.settled_at, doubt.settled_by, doubt.answer) == ("outside", None, None, "")
    event = AuditEvent.objects.get(verb="settle_doubt")
    assert event.details["answer"] == "驻京办驿站，位置无误"


@pytest.mark.django_db
def test_a_station_that_moves_does_not_open_the_settled_doubts_of_others():
    county = make_county()
    clerk = make_account(Role.CLERK, county)
    settled = make_station(county, "甲", latitude=39.9, longitude=116.4)
    settle_doubt(PositionDoubt.objects.get(), answer="驻京办驿站", by=clerk)
    place(make_station(county, "乙", latitude=39.9, longitude=116.4), 31.2, 121.5)
    assert PositionDoubt.objects.get(station=settled).settled_by == clerk


@pytest.mark.django_db
def test_a_doubt_is_settled_with_an_answer_by_the_desk_of_the_branch():
    county = make_county()
    station = make_station(county, "甲", latitude=39.9, longitude=116.4)
    doubt = PositionDoubt.objects.get()
    stranger = make_account(Role.CLERK, make_county("盘龙区总工会（演示）", "530103"))
    keeper = make_account(Role.STATION_KEEPER, county)
    name_keepers(station, [keeper], by=None)
    for account in (stranger, keeper, make_account(Role.READ_ONLY, county)):
        with pytest.raises(PermissionDenied):
            settle_doubt(doubt, answer="无误", by=account)
    with pytest.raises(ValidationError):
        settle_doubt(doubt, answer="  ", by=make_account(Role.REVIEWER, county))
    assert PositionDoubt.objects.get().settled_at is None
