"""A sheet that was written is taken back: whole, exactly, and only while nobody has touched its rows since."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from bargaining.models import Agreement, Clause
from bargaining.models.negotiations import Subject
from campaigns.models import JobPost
from stations.models import OpeningPeriod, Station, StationFacility, StationKeeper
from tests.factories import make_account, make_county, make_union
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import Organization
from unionportal.organizations.roles import Role
from unionportal.sheets import actions, exports
from unionportal.sheets.continuation import PROPERTY, mark_of
from unionportal.sheets.models import SheetRun

pytestmark = pytest.mark.django_db
LIST = "驿站名称,地址,开放时间,设施,联系电话"


@pytest.fixture
def county() -> Organization:
    return make_county()


@pytest.fixture
def clerk(county: Organization) -> Any:
    return make_account(Role.CLERK, county)


def written(county: Organization, by: Any, *lines: str, kind: str = "stations", **options: Any) -> SheetRun:
    run, _found = actions.hand_in("\n".join(lines).encode(), filename="list.csv", kind=kind, organization=county, by=by)
    actions.apply_run(run, by=by, **options)
    return run


def picture() -> list[Any]:
    """Everything a station is, but for keys that are never given twice."""
    names = [column.attname for column in Station._meta.concrete_fields]
    rows = [{name: getattr(station, name) for name in names} for station in Station.objects.order_by("pk")]
    facilities = list(
        StationFacility.objects.order_by("station", "facility").values_list("station", "facility", "note")
    )
    hours = [
        {name: value for name, value in period.items() if name != "id"}
        for period in OpeningPeriod.objects.order_by("station", "pk").values()
    ]
    return [rows, facilities, hours]


def test_new_rows_are_removed_and_changed_ones_have_their_former_values(county: Organization, clerk: Any) -> None:
    written(county, clerk, LIST, "甲驿站,甲路1号,8:00-18:00,空调、饮水机,13800138000")
    before = picture()
    run = written(
        county, clerk, LIST, "甲驿站,乙路2号,周一至周五 9:00-12:00,微波炉,13900139000", "乙驿站,丙路3号,全天,空调,"
    )
    assert Station.objects.count() == 2 and picture() != before
    assert actions.undo_run(run, by=clerk) == (1, 1)
    for was, is_ in zip(before, picture(), strict=True):
        assert is_ == was
    run.refresh_from_db()
    assert (run.state, run.undone_by, run.journal) == (SheetRun.State.UNDONE, clerk, None)
    assert AuditEvent.objects.filter(verb="undo_sheet").exists()


def test_a_row_touched_since_keeps_the_whole_run(county: Organization, clerk: Any) -> None:
    run = written(county, clerk, LIST, "甲驿站,甲路1号,,,", "乙驿站,乙路2号,,,")
    station = Station.objects.get(name="甲驿站")
    station.address = "别处"
    station.save()
    with pytest.raises(ValidationError, match="甲驿站"):
        actions.undo_run(run, by=clerk)
    assert Station.objects.count() == 2


def test_a_new_row_that_something_refers_to_keeps_the_whole_run(county: Organization, clerk: Any) -> None:
    run = written(county, clerk, LIST, "甲驿站,甲路1号,,,")
    keeper = make_account(Role.STATION_KEEPER, county)
    StationKeeper.objects.create(station=Station.objects.get(), account=keeper)
    with pytest.raises(ValidationError):
        actions.undo_run(run, by=clerk)
    assert Station.objects.count() == 1


def test_the_later_of_two_runs_goes_first(county: Organization, clerk: Any) -> None:
    first = written(county, clerk, LIST, "甲驿站,甲路1号,,,")
    second = written(county, clerk, LIST, "甲驿站,乙路2号,,,")
    with pytest.raises(ValidationError):
        actions.undo_run(first, by=clerk)
    actions.undo_run(second, by=clerk)
    actions.undo_run(first, by=clerk)
    assert not Station.objects.exists()


def test_a_run_is_undone_once_and_by_those_who_may_import(county: Organization, clerk: Any) -> None:
    run = written(county, clerk, LIST, "甲驿站,甲路1号,,,")
    with pytest.raises(PermissionDenied):
        actions.undo_run(run, by=make_account(Role.READ_ONLY, county))
    actions.undo_run(run, by=clerk)
    with pytest.raises(ValidationError):
        actions.undo_run(run, by=clerk)


def test_new_unions_are_removed_unless_something_hangs_below_them(county: Organization) -> None:
    head = "工会名称,上级工会,工会类型"
    lines = [f"甲公司工会委员会,{county.name},独立基层工会", "甲公司第一分会,甲公司工会委员会,分会"]
    run = written(county, None, head, *lines, kind="organizations")
    later = make_union(Organization.objects.get(name="甲公司第一分会"), "甲公司第一小组")
    with pytest.raises(ValidationError):
        actions.undo_run(run, by=None)
    later.delete()
    Organization.objects.get(name="甲公司第一分会").refresh_from_db()
    actions.undo_run(run, by=None)
    assert not Organization.objects.filter(name__startswith="甲公司").exists()
    assert not Organization.objects.find_problems()[0]


AGREEMENTS = "单位名称,合同类型,涉及职工人数,生效日期,终止日期,经办人,联系电话"
POSTS = "招聘单位,岗位,人数,薪资"
ENTRIES = {
    "agreements": (
        AGREEMENTS,
        "甲公司,工资专项集体合同,60,2026-01-01,2026-12-31,演示某,13800138000",
        "甲公司,工资专项集体合同,90,2026-01-01,2026-12-31,演示某,13900139000",
        "乙公司,工资专项集体合同,20,2026-01-01,2026-12-31,,",
    ),
    "jobs": (POSTS, "甲公司,普工,3名,5000元", "甲公司,普工,8名,6000元", "乙公司,焊工,2名,7000元"),
}


def values_of(model: Any) -> list[Any]:
    """All columns as text; what is sealed, unsealed."""
    return [{name: str(value) for name, value in row.items()} for row in model.objects.order_by("pk").values()]


@pytest.mark.parametrize("kind, model", [("agreements", Agreement), ("jobs", JobPost)])
def test_agreements_and_job_posts_go_back_whole(county: Organization, kind: str, model: Any) -> None:
    head, first, changed, new = ENTRIES[kind]
    written(county, None, head, first, kind=kind)
    before = values_of(model)
    run = written(county, None, head, changed, new, kind=kind)
    assert model.objects.count() == 2 and values_of(model)[0] != before[0]
    assert actions.undo_run(run, by=None) == (1, 1)
    assert values_of(model) == before


@pytest.mark.parametrize("kind, model, name", [("agreements", Agreement, "coverage"), ("jobs", JobPost, "place")])
def test_an_agreement_or_a_post_touched_since_keeps_the_whole_run(
    county: Organization, kind: str, model: Any, name: str
) -> None:
    head, first, _changed, new = ENTRIES[kind]
    run = written(county, None, head, first, new, kind=kind)
    touched = model.objects.first()
    setattr(touched, name, "城区")
    touched.save()
    with pytest.raises(ValidationError):
        actions.undo_run(run, by=None)
    assert model.objects.count() == 2


def test_an_agreement_to_which_clauses_were_added_keeps_the_whole_run(county: Organization) -> None:
    head, first, _changed, new = ENTRIES["agreements"]
    run = written(county, None, head, first, new, kind="agreements")
    Clause.objects.create(agreement=Agreement.objects.first(), subject=Subject.PAY_DAY, text="每月20日发放工资")
    with pytest.raises(ValidationError):
        actions.undo_run(run, by=None)
    assert (Agreement.objects.count(), Clause.objects.count()) == (2, 1)


def test_the_clerk_undoes_a_sheet_on_its_page(client: Client, county: Organization, clerk: Any) -> None:
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    run = written(county, clerk, LIST, "甲驿站,甲路1号,,,")
    place = reverse("admin:sheets_sheetrun_change", args=[run.pk])
    assert 'value="undo"' in client.get(place).content.decode()
    client.post(place, {"verb": "undo"})
    assert not Station.objects.exists() and 'value="undo"' not in client.get(place).content.decode()


# --- Corrected rows that come back --------------------------------------------------------------------------------


def rest_of(run: SheetRun, by: Any) -> bytes:
    file = io.BytesIO()
    exports.write_rest(file, actions.examine_run(run, by=by), (PROPERTY, mark_of(run)))
    return file.getvalue()


def test_corrected_rows_are_known_as_the_continuation_of_their_run(
    client: Client, county: Organization, clerk: Any
) -> None:
    run = written(county, clerk, "驿站名称,经度,纬度", "甲驿站,102.7,25.0", "乙驿站,1120.3,25.0", good_rows_only=True)
    book = openpyxl.load_workbook(io.BytesIO(rest_of(run, clerk)))
    book.active["B2"] = 102.8
    mended = io.BytesIO()
    book.save(mended)
    again, found = actions.hand_in(
        mended.getvalue(), filename="更正.xlsx", kind="stations", organization=county, by=clerk
    )
    assert again.continues == run and found.counts["created"] == 1
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    shown = client.get(reverse("admin:sheets_sheetrun_change", args=[again.pk])).content.decode()
    assert "list.csv" in shown
    assert "更正.xlsx" in client.get(reverse("admin:sheets_sheetrun_change", args=[run.pk])).content.decode()


def test_a_mark_that_was_made_up_or_is_anothers_continues_nothing(county: Organization, clerk: Any) -> None:
    run = written(county, clerk, "驿站名称,经度,纬度", "甲驿站,1120.7,25.0", "乙驿站,102.7,25.0", good_rows_only=True)
    returned = rest_of(run, clerk)
    other = make_county("盘龙区总工会（演示）", "530103")
    stranger = make_account(Role.CLERK, other, username="stranger")
    elsewhere, _found = actions.hand_in(returned, filename="x.xlsx", kind="stations", organization=other, by=stranger)
    book = openpyxl.load_workbook(io.BytesIO(returned))
    book.custom_doc_props[PROPERTY].value = f"{run.pk}:made-up"
    forged = io.BytesIO()
    book.save(forged)
    made_up, _found = actions.hand_in(
        forged.getvalue(), filename="y.xlsx", kind="stations", organization=county, by=clerk
    )
    assert elsewhere.continues is None and made_up.continues is None
