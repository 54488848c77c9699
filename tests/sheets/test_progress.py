"""The bar of a long list moves while its rows are read, checked, compared and written, whatever the list holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from members import resources
from members.actions import register
from members.reference import load_reference
from tests.factories import make_county, make_station
from unionportal import bulk
from unionportal.organizations import actions as organization_actions
from unionportal.organizations.models import Organization
from unionportal.sheets import actions, examination
from unionportal.sheets.problems import Problem

pytestmark = pytest.mark.django_db
COUNT = 12
LISTS = {
    "stations": ("驿站名称,地址,座位数", "第{}号驿站,示例路{}号,很多"),
    "organizations": ("工会名称,建会时间", "第{}公司工会委员会,2020-01-{:02d}"),
    "members": ("姓名,手机号码", "演示{},1000000{:04d}"),
    "agreements": ("单位名称,生效日期,终止日期", "第{}公司,2026-01-01,2026-12-{:02d}"),
    "jobs": ("招聘单位,岗位", "第{}公司,普工{}"),
}


@pytest.fixture(autouse=True)
def _told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "PROGRESS_ROWS", 4)
    monkeypatch.setattr(organization_actions, "TOLD_AFTER", 5)
    monkeypatch.setattr(bulk, "PIECE", 5)
    monkeypatch.setattr(bulk, "FEW", 1)
    for module in (register, resources):
        monkeypatch.setattr(module, "BATCH", 5)


@pytest.fixture
def county() -> Organization:
    load_reference()
    return make_county()


def handed_in(kind: str, county: Organization) -> Any:
    head, line = LISTS[kind]
    content = "\n".join([head, *(line.format(i, i) for i in range(1, COUNT + 1))]).encode()
    return actions.hand_in(content, filename="list.csv", kind=kind, organization=county, by=None)[0]


@pytest.mark.parametrize("kind", list(LISTS))
def test_the_bar_moves_from_the_first_cell_to_the_last_row(county: Organization, kind: str) -> None:
    read: list[tuple[int, int]] = []
    written: list[tuple[int, int]] = []
    actions.apply_run(
        handed_in(kind, county),
        by=None,
        progress=lambda done, total, _problems: read.append((done, total)),
        wrote=lambda done, total: written.append((done, total)),
    )
    done = [count for count, _total in read]
    assert done == sorted(done) and len(set(done)) == 9 and done[-1] == COUNT
    assert [count for count, _total in written] == [5, 10, COUNT]
    assert {total for _count, total in (*read, *written)} == {COUNT}


def test_changed_rows_are_told_like_new_ones(county: Organization) -> None:
    actions.apply_run(handed_in("organizations", county), by=None)
    for number in range(1, 4):
        make_station(county, name=f"第{number}号驿站")
    for kind in ("stations", "organizations"):
        written: list[int] = []
        head, line = LISTS[kind]
        lines = [line.format(i, i + 1) for i in range(1, COUNT + 1)]
        run, _found = actions.hand_in(
            "\n".join([head, *lines]).encode(), filename="again.csv", kind=kind, organization=county, by=None
        )
        actions.apply_run(run, by=None, wrote=lambda done, _total, told=written: told.append(done))
        assert written == [5, 10, COUNT]


def test_each_problem_is_told_once_whichever_pass_finds_it(county: Organization) -> None:
    told: list[Problem] = []

    def progress(_done: int, _total: int, problems: Sequence[Problem]) -> None:
        told.extend(problems)

    found = actions.examine_run(handed_in("stations", county), by=None, progress=progress)
    assert [one.code for one in found.problems].count("number-unreadable") == COUNT
    assert [one.code for one in told].count("number-unreadable") == COUNT
