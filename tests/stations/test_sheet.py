"""A list of stations adds and corrects; what becomes of a station is decided at the station."""

from __future__ import annotations

import io
from typing import Any

import pytest

from stations.lifecycle import State
from stations.models import Station
from stations.resources import StationResource
from tests.factories import make_account, make_county, make_station, make_union
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role
from unionportal.sheets import exports
from unionportal.sheets.actions import apply_run, hand_in
from unionportal.sheets.resources import Context, Outcome

pytestmark = pytest.mark.django_db

LEFT_OUT = "status-not-by-sheet"


@pytest.fixture
def county() -> Organization:
    return make_county()


@pytest.fixture
def clerk(county: Organization) -> Any:
    return make_account(Role.CLERK, county)


def check(county: Organization, by: Any, *lines: str) -> Any:
    content = "\n".join(lines).encode()
    return hand_in(content, filename="list.csv", kind="stations", organization=county, by=by)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (State.PLANNED, "开放"),
        (State.ACCEPTANCE, "正常运行"),
        (State.OPEN, "已撤销"),
        (State.RECTIFYING, "开放"),
        (State.SUSPENDED, "在用"),
    ],
)
def test_a_list_neither_opens_nor_closes_a_station_that_exists(
    county: Organization, clerk: Any, state: State, word: str
) -> None:
    station = make_station(county, "甲路驿站", status=state, address="甲路1号")
    run, found = check(county, clerk, "名称,地址,状态", f"甲路驿站,甲路8号,{word}")
    assert set(found.rows[0].changes) == {"address"}
    apply_run(run, by=clerk)
    station.refresh_from_db()
    assert (station.status, station.address) == (state, "甲路8号"), "the rest of the row is taken"


def test_a_closed_station_is_not_reopened_by_its_code(county: Organization, clerk: Any) -> None:
    station = make_station(county, "甲路驿站", status=State.CLOSED)
    run, found = check(county, clerk, "站点编码,名称,状态", f"{station.code},甲路驿站,开放")
    assert found.rows[0].outcome is Outcome.UNCHANGED
    apply_run(run, by=clerk)
    station.refresh_from_db()
    assert station.status == State.CLOSED


def test_the_clerk_is_told_once_which_cell_was_left_out_and_where_to_go(county: Organization, clerk: Any) -> None:
    make_station(county, "甲路驿站")
    _run, found = check(county, clerk, "名称,状态", "甲路驿站,维修中")
    said = [problem for problem in found.problems if problem.code == LEFT_OUT]
    assert [(problem.row, problem.column, problem.value, problem.level) for problem in said] == [
        (2, "B", "维修中", "warning")
    ]
    assert found.counts["unchanged"] == 1


@pytest.mark.parametrize("cell", ["开放", "正常运行", "", "—"])
def test_the_status_it_has_or_a_blank_is_no_matter(county: Organization, clerk: Any, cell: str) -> None:
    make_station(county, "甲路驿站")
    _run, found = check(county, clerk, "名称,地址,状态", f"甲路驿站,,{cell}")
    assert found.counts["unchanged"] == 1 and not found.problems


@pytest.mark.parametrize(("cell", "state"), [("在建", State.BUILDING), ("已撤销", State.CLOSED), ("", State.OPEN)])
def test_a_new_station_has_the_status_its_list_states(
    county: Organization, clerk: Any, cell: str, state: State
) -> None:
    run, found = check(county, clerk, "名称,地址,状态", f"甲路驿站,甲路1号,{cell}")
    assert not found.problems
    apply_run(run, by=clerk)
    assert Station.objects.get().status == state


def test_stations_in_every_state_come_back_unchanged(county: Organization, clerk: Any) -> None:
    for state in State:
        make_station(county, f"{state.label}路驿站", status=state)
    file = io.BytesIO()
    exports.write(file, StationResource(Context(county, clerk)), exports.exportable(StationResource, clerk), "csv")
    _run, found = hand_in(file.getvalue(), filename="x.csv", kind="stations", organization=county, by=clerk)
    assert found.counts["unchanged"] == len(State)
    assert LEFT_OUT not in {problem.code for problem in found.problems}


@pytest.mark.parametrize("written", ["WH-A1", "wh-a1", "示例科技公司工会委员会(演示)"])
def test_a_union_is_known_by_its_code_or_name_however_they_are_typed(
    county: Organization, clerk: Any, written: str
) -> None:
    union = make_union(county, code="WH-A1")
    _run, found = check(county, clerk, "名称,所属工会", f"甲路驿站,{written}")
    assert found.rows[0].values["organization"] == union


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("未开放", State.SUSPENDED),
        ("已建成，暂未启用", State.SUSPENDED),
        ("停业", State.SUSPENDED),
        ("在建，未开放", State.BUILDING),
        ("已关停", State.CLOSED),
        ("试运营", State.OPEN),
        ("正常开放中", State.OPEN),
    ],
)
def test_a_word_of_openness_with_a_denial_before_it_opens_nothing(
    county: Organization, clerk: Any, cell: str, state: State
) -> None:
    _run, found = check(county, clerk, "名称,地址,状态", f'甲路驿站,甲路1号,"{cell}"')
    assert found.rows[0].values["status"] == state


def test_a_list_that_calls_a_station_closed_finds_it_again(county: Organization, clerk: Any) -> None:
    lines = ("名称,地址,状态", "甲路驿站,甲路1号,已撤销")
    apply_run(check(county, clerk, *lines)[0], by=clerk)
    assert check(county, clerk, *lines)[1].counts["unchanged"] == 1
    assert check(county, clerk, "名称,地址", "甲路驿站,甲路1号")[1].counts["created"] == 1
