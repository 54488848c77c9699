"""The clerk's way with a spreadsheet through the admin, and what it may never reach."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from stations.models import Facility, Station, StationFacility
from stations.resources import StationResource
from tests.factories import make_account, make_county, make_federation, make_station, make_union
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import Organization
from unionportal.organizations.resources import OrganizationResource
from unionportal.organizations.roles import Role
from unionportal.sheets import actions, exports
from unionportal.sheets.models import SheetRun
from unionportal.sheets.problems import SheetFileError
from unionportal.sheets.resources import Context, Outcome

pytestmark = pytest.mark.django_db

ADD = "admin:sheets_sheetrun_add"


@pytest.fixture
def county() -> Organization:
    return make_county()


@pytest.fixture
def neighbour(county: Organization) -> Organization:
    return make_county("盘龙区总工会（演示）", "530103")


@pytest.fixture
def clerk(county: Organization) -> Any:
    return make_account(Role.CLERK, county)


@pytest.fixture
def desk(client: Client, clerk: Any) -> Client:
    client.force_login(clerk, backend="unionportal.organizations.backends.RoleBackend")
    return client


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


GOOD = csv("驿站名称,地址,电话", "甲路工会驿站,甲路1号,0871-65123456", "乙路工会驿站,乙路2号,")
DIRTY = csv("驿站名称,地址,经度,纬度", "甲路工会驿站,甲路1号,102.71,25.04", "乙路工会驿站,乙路2号,1120.36237,25.04")


def hand_in(content: bytes, organization: Organization, by: Any, name: str = "list.csv", **kw: Any) -> Any:
    return actions.hand_in(
        content, filename=name, kind=kw.pop("kind", "stations"), organization=organization, by=by, **kw
    )


def upload(client: Client, content: bytes, organization: Organization, name: str = "名单.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(reverse(ADD), {"kind": "stations", "organization": organization.pk, "file": file}, follow=True)


def press(client: Client, run: SheetRun, verb: str, **data: str) -> Any:
    return client.post(reverse("admin:sheets_sheetrun_change", args=[run.pk]), {"verb": verb, **data}, follow=True)


# --- The way through the pages ------------------------------------------------------------------------------------


def test_a_clerk_hands_a_list_in_looks_at_it_and_writes_it(desk: Client, county: Organization) -> None:
    page = upload(desk, GOOD, county)
    run = SheetRun.objects.get()
    assert page.status_code == 200 and "甲路工会驿站" in page.content.decode()
    assert Station.objects.count() == 0, "nothing is written before it is applied"
    record = press(desk, run, "apply")
    run.refresh_from_db()
    assert (run.state, run.created, run.applied_by) == (SheetRun.State.APPLIED, 2, run.handed_in_by)
    assert sorted(Station.objects.values_list("name", flat=True)) == ["乙路工会驿站", "甲路工会驿站"]
    assert reverse("admin:stations_station_changelist") in record.content.decode()


def test_all_rows_are_written_only_when_none_is_rejected(desk: Client, county: Organization) -> None:
    page = upload(desk, DIRTY, county).content.decode()
    run = SheetRun.objects.get()
    assert 'value="apply_good"' in page and 'value="apply"' not in page
    press(desk, run, "apply")
    assert Station.objects.count() == 0
    press(desk, run, "apply_good")
    run.refresh_from_db()
    assert run.state == SheetRun.State.PARTLY_APPLIED
    assert list(Station.objects.values_list("name", flat=True)) == ["甲路工会驿站"]


def test_the_page_names_the_wrong_cell_its_value_and_what_to_do(desk: Client, county: Organization) -> None:
    page = upload(desk, DIRTY, county).content.decode()
    assert "C3" in page and "1120.36237" in page and "120.36237" in page


def test_the_rest_comes_back_with_its_problems_and_goes_in_once_it_is_corrected(
    desk: Client, county: Organization
) -> None:
    upload(desk, DIRTY, county)
    run = SheetRun.objects.get()
    press(desk, run, "apply_good")
    answer = desk.get(reverse("admin:sheets_sheetrun_rest", args=[run.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2 and rows[1][0] == "乙路工会驿站" and rows[1][4] == 3
    assert "1120.36237" in rows[1][5]
    sheet["C2"] = 102.36237
    mended = io.BytesIO()
    book.save(mended)
    upload(desk, mended.getvalue(), county, "名单 待更正.xlsx")
    again = SheetRun.objects.first()
    press(desk, again, "apply")
    again.refresh_from_db()
    assert (again.state, again.created, again.rejected) == (SheetRun.State.APPLIED, 1, 0)


def test_the_same_file_a_second_time_is_pointed_out(desk: Client, county: Organization) -> None:
    upload(desk, GOOD, county)
    press(desk, SheetRun.objects.get(), "apply")
    page = upload(desk, GOOD, county)
    run = SheetRun.objects.first()
    assert "演示·clerk" in page.content.decode() and run.warnings == 1
    assert (run.created, run.unchanged) == (0, 2)


def test_a_file_that_is_no_list_is_refused_on_the_upload_page(desk: Client, county: Organization) -> None:
    page = upload(desk, b"\x89PNG\r\n\x1a\n" + b"\0" * 200, county, "照片.xlsx")
    assert page.status_code == 422 and 'role="alert"' in page.content.decode()
    assert "Traceback" not in page.content.decode()
    assert SheetRun.objects.get().state == SheetRun.State.UNUSABLE and SheetRun.objects.get().content is None


def test_no_file_and_an_empty_file_are_asked_for_again(desk: Client, county: Organization) -> None:
    assert desk.post(reverse(ADD), {"kind": "stations", "organization": county.pk}).status_code == 422
    assert upload(desk, b"", county).status_code == 422


def test_a_list_without_a_known_name_column_is_mended_by_choosing_the_column(
    desk: Client, county: Organization
) -> None:
    page = upload(desk, csv("甲方,乙方", "示例路工会驿站,示例路1号", "样板路工会驿站,样板路2号"), county)
    run = SheetRun.objects.get()
    assert page.status_code == 200 and 'name="column-A"' in page.content.decode()
    press(desk, run, "headings", **{"column-A": "name", "column-B": "address"})
    press(desk, run, "apply")
    assert Station.objects.get(name="示例路工会驿站").address == "示例路1号"


def test_a_choice_of_column_is_remembered_for_the_next_list(desk: Client, county: Organization) -> None:
    upload(desk, csv("驿站名称,备用栏", "甲路工会驿站,甲路1号"), county)
    run = SheetRun.objects.get()
    press(desk, run, "headings", **{"column-B": "address"})
    press(desk, run, "apply")
    upload(desk, csv("驿站名称,备用栏", "乙路工会驿站,乙路2号"), county)
    press(desk, SheetRun.objects.first(), "apply")
    assert Station.objects.get(name="乙路工会驿站").address == "乙路2号"


def test_one_field_cannot_be_chosen_for_two_columns(desk: Client, county: Organization) -> None:
    upload(desk, csv("驿站名称,甲,乙", "甲路工会驿站,1,2"), county)
    run = SheetRun.objects.get()
    press(desk, run, "headings", **{"column-B": "address", "column-C": "address"})
    run.refresh_from_db()
    assert run.mapping == {}


def test_a_column_without_a_heading_can_be_chosen_by_its_letter(county: Organization, clerk: Any) -> None:
    content = csv("驿站名称,,开放时间", "甲路工会驿站,甲路1号,全天", "乙路工会驿站,乙路2号,全天")
    _run, found = hand_in(content, county, clerk, mapping={"#B": "address"})
    assert found.rows[0].values["address"] == "甲路1号"


def test_a_sheet_is_written_once_however_often_the_button_is_pressed(desk: Client, county: Organization) -> None:
    upload(desk, GOOD, county)
    run = SheetRun.objects.get()
    press(desk, run, "apply")
    press(desk, run, "apply")
    press(desk, run, "discard")
    run.refresh_from_db()
    assert Station.objects.count() == 2 and run.state == SheetRun.State.APPLIED


def test_a_discarded_sheet_keeps_no_file(desk: Client, county: Organization) -> None:
    upload(desk, GOOD, county)
    press(desk, SheetRun.objects.get(), "discard")
    run = SheetRun.objects.get()
    assert run.state == SheetRun.State.DISCARDED and run.content is None and Station.objects.count() == 0


def test_long_lists_are_paged_and_problems_filtered(desk: Client, county: Organization) -> None:
    rows = [f"{n}号路工会驿站,{'' if n % 2 else '2026年'},飞天扫把{n}" for n in range(200)]
    upload(desk, csv("驿站名称,建成时间,设施", *rows), county)
    url = reverse("admin:sheets_sheetrun_change", args=[SheetRun.objects.get().pk])
    page = desk.get(url, {"code": "facility-unknown", "level": "warning", "p": 3, "show": "created", "r": 2})
    text = page.content.decode()
    assert "3 / 4" in text and "2 / 7" in text
    assert desk.get(url, {"p": "x", "r": "999", "show": "nonsense", "code": "none"}).status_code == 200


def test_mobile_numbers_are_masked_on_the_page(desk: Client, county: Organization) -> None:
    page = upload(
        desk, csv("驿站名称,联系电话", "甲路工会驿站,张三 13800138000", "乙路工会驿站,打13900139000问"), county
    )
    assert "13800138000" not in page.content.decode() and "13900139000" not in page.content.decode()
    press(desk, SheetRun.objects.get(), "apply")
    station = Station.objects.get(name="甲路工会驿站")
    assert (station.keeper_name, station.keeper_phone, station.public_phone) == ("张三", "13800138000", "")


# --- Scope --------------------------------------------------------------------------------------------------------


def test_a_countys_list_never_touches_another_countys_station(
    county: Organization, neighbour: Organization, clerk: Any
) -> None:
    """By code, by number, by sign and by name: the neighbour's station stays, and nothing of it is shown."""
    theirs = make_station(neighbour, "盘龙秘密驿站", list_id="PL-001", sign_number="牌-9", address="穿金路9号")
    content = csv(
        "站点编码,名称,名单编号,标牌编号,地址",
        f"{theirs.code},改名的驿站,,,别处",
        ",盘龙秘密驿站,PL-001,牌-9,别处",
        ",盘龙 秘密驿站,,,别处",
    )
    run, found = hand_in(content, county, clerk)
    assert [row.existing for row in found.rows] == [None, None, None]
    assert "穿金路" not in str(found.as_dict(applied=False)) and neighbour.name not in str(found.as_dict(applied=False))
    actions.apply_run(run, by=clerk, good_rows_only=True)
    theirs.refresh_from_db()
    assert (theirs.name, theirs.address, theirs.organization) == ("盘龙秘密驿站", "穿金路9号", neighbour)
    assert not Station.objects.filter(organization=neighbour).exclude(pk=theirs.pk).exists()


def test_a_row_cannot_name_a_union_outside_the_branch(
    county: Organization, neighbour: Organization, clerk: Any
) -> None:
    for owner in (neighbour.name, neighbour.code, make_federation().name):
        _run, found = hand_in(csv("名称,所属工会", f"甲路驿站,{owner}"), county, clerk)
        assert [p.code for p in found.rows[0].problems] == ["organization-unknown"]


def test_the_form_offers_and_takes_only_unions_in_reach(
    desk: Client, county: Organization, neighbour: Organization
) -> None:
    form = desk.get(reverse(ADD)).content.decode()
    assert f'value="{county.pk}"' in form and neighbour.name not in form
    assert upload(desk, GOOD, neighbour).status_code == 422
    assert SheetRun.objects.count() == 0


def test_a_stranger_finds_no_trace_of_anothers_sheet(
    client: Client, county: Organization, neighbour: Organization, clerk: Any
) -> None:
    run, _found = hand_in(GOOD, county, clerk)
    stranger = make_account(Role.CLERK, neighbour)
    client.force_login(stranger, backend="unionportal.organizations.backends.RoleBackend")
    for url in (
        reverse("admin:sheets_sheetrun_change", args=[run.pk]),
        reverse("admin:sheets_sheetrun_rest", args=[run.pk]),
    ):
        assert client.get(url).status_code == 404
    assert press(client, run, "apply").status_code == 404
    assert "list.csv" not in client.get(reverse("admin:sheets_sheetrun_changelist")).content.decode()


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.REVIEWER, Role.AUDITOR, Role.STATION_KEEPER])
def test_who_may_not_import_can_neither_hand_in_nor_apply(
    client: Client, county: Organization, clerk: Any, role: Role
) -> None:
    run, _found = hand_in(GOOD, county, clerk)
    account = make_account(role, county)
    client.force_login(account, backend="unionportal.organizations.backends.RoleBackend")
    assert client.get(reverse(ADD)).status_code == 403
    assert upload(client, GOOD, county).status_code == 403
    assert press(client, run, "apply").status_code in (403, 404)
    with pytest.raises(PermissionDenied):
        hand_in(GOOD, county, account)
    assert Station.objects.count() == 0


def test_an_auditor_sees_the_record_of_a_sheet_but_not_its_rows(
    client: Client, county: Organization, clerk: Any
) -> None:
    run, _found = hand_in(GOOD, county, clerk)
    client.force_login(make_account(Role.AUDITOR, county), backend="unionportal.organizations.backends.RoleBackend")
    page = client.get(reverse("admin:sheets_sheetrun_change", args=[run.pk])).content.decode()
    assert "list.csv" in page and "甲路" not in page


def test_an_export_holds_the_branch_and_nothing_else(county: Organization, neighbour: Organization, clerk: Any) -> None:
    make_station(county, "五华路驿站")
    make_station(neighbour, "盘龙路驿站")
    assert [s.name for s in exports.exportable(StationResource, clerk)] == ["五华路驿站"]
    assert not exports.exportable(StationResource, clerk, neighbour).exists()
    with pytest.raises(PermissionDenied):
        exports.exportable(StationResource, make_account(Role.STATION_KEEPER, county))


# --- What is written ----------------------------------------------------------------------------------------------


def test_two_clerks_with_overlapping_files_follow_one_another(county: Organization, clerk: Any) -> None:
    other = make_account(Role.CLERK, county)
    first, _found = hand_in(csv("名称,地址", "甲路驿站,甲路1号", "乙路驿站,乙路1号"), county, clerk)
    second, found = hand_in(csv("名称,地址", "甲路驿站,甲路1号", "乙路驿站,乙路8号", "丙路驿站,丙路1号"), county, other)
    assert found.counts["created"] == 3, "before the first is applied all rows look new"
    actions.apply_run(first, by=clerk)
    counts = actions.apply_run(second, by=other).counts
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (1, 1, 1)
    assert Station.objects.count() == 3 and Station.objects.get(name="乙路驿站").address == "乙路8号"


def test_nothing_is_written_when_the_database_refuses_at_the_end(
    county: Organization, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of the file breaks a constraint that no check foresaw: the rows before it go too."""
    run, _found = hand_in(csv("名称,面积", "甲路驿站,30", "乙路驿站,40"), county, clerk)
    save = StationResource.save

    def spoiled(self: StationResource, rows: Any, *, by: Any) -> None:
        rows[-1].values["area"] = -1
        save(self, rows, by=by)

    monkeypatch.setattr(StationResource, "save", spoiled)
    with pytest.raises(ValidationError) as refusal:
        actions.apply_run(run, by=clerk)
    run.refresh_from_db()
    assert Station.objects.count() == 0 and run.state == SheetRun.State.CHECKED
    assert "station_area" not in str(refusal.value), "the constraint's own words are shown, not its name"


@pytest.mark.parametrize(
    ("heading", "value"),
    [("面积", "99999999999"), ("座位数", "99999999999"), ("标牌编号", "9" * 80), ("投入资金", "9" * 20)],
)
def test_a_value_too_large_to_store_is_a_problem_of_its_cell(
    county: Organization, clerk: Any, heading: str, value: str
) -> None:
    _run, found = hand_in(csv(f"名称,{heading}", f"甲路驿站,{value}"), county, clerk)
    row = found.rows[0]
    assert row.outcome is Outcome.REJECTED and row.problems[0].column == "B"


def test_numbers_that_the_database_holds_once_are_checked_beforehand(county: Organization, clerk: Any) -> None:
    make_station(county, "旧驿站", sign_number="牌-1", status="closed")
    make_station(county, "在用驿站", sign_number="牌-2")
    code = make_station(county, "第三驿站").code
    _run, found = hand_in(
        csv("站点编码,名称,标牌编号", ",新驿站,牌-1", f"{code},第三驿站,牌-2", ",丁驿站,牌-7"), county, clerk
    )
    assert [[p.code for p in row.problems if p.level == "error"] for row in found.rows] == [
        ["station-number-taken"],
        ["station-number-taken"],
        [],
    ]


def test_rows_that_mean_one_station_are_named_together(county: Organization, clerk: Any) -> None:
    _run, found = hand_in(csv("名称,地址", "甲路驿站,1号", "乙路驿站,2号", "甲路 驿站,3号"), county, clerk)
    assert [row.outcome.value for row in found.rows] == ["rejected", "created", "rejected"]
    for row in (found.rows[0], found.rows[2]):
        assert ["2、4" in p.message for p in row.problems if p.code == "station-repeated"] == [True]


def test_numbers_that_begin_anew_in_each_district_are_no_keys(county: Organization, clerk: Any) -> None:
    lines = ["甲片区驿站一,1", "甲片区驿站二,2", "乙片区驿馆一,1", "乙片区驿馆二,2"]
    _run, found = hand_in(csv("名称,编号", *lines), county, clerk)
    assert found.counts["created"] == 4


def test_a_blank_cell_leaves_what_is_known(county: Organization, clerk: Any) -> None:
    station = make_station(county, "甲路驿站", address="甲路1号", hours_text="8:00-18:00", public_phone="0871-65123456")
    run, found = hand_in(csv("名称,地址,开放时间,电话,所属工会", "甲路驿站,,—,无,"), county, clerk)
    assert found.rows[0].outcome is Outcome.UNCHANGED
    actions.apply_run(run, by=clerk)
    station.refresh_from_db()
    assert (station.address, station.hours_text) == ("甲路1号", "8:00-18:00")


def test_a_blank_union_does_not_move_a_station_to_the_clerks_own(county: Organization, clerk: Any) -> None:
    below = make_union(county)
    station = make_station(below, "甲路驿站")
    run, found = hand_in(csv("站点编码,名称,所属工会,地址", f"{station.code},甲路驿站,,新址1号"), county, clerk)
    assert set(found.rows[0].changes) == {"address"}
    actions.apply_run(run, by=clerk)
    station.refresh_from_db()
    assert (station.organization, station.address) == (below, "新址1号")


def test_a_new_text_keeps_what_staff_have_ticked(county: Organization, clerk: Any) -> None:
    station = make_station(county, "甲路驿站", facilities_text="饮水机、雨伞", facilities=["water", "rain_gear"])
    StationFacility.objects.create(station=station, facility=Facility.objects.get(code="aed"))
    run, _found = hand_in(csv("名称,设施", "甲路驿站,饮水机、微波炉"), county, clerk)
    actions.apply_run(run, by=clerk)
    held = set(station.station_facilities.values_list("facility_id", flat=True))
    assert held == {"water", "microwave", "aed"}


def test_hours_mended_by_hand_survive_a_list_that_says_the_same(county: Organization, clerk: Any) -> None:
    station = make_station(county, "甲路驿站", hours_text="8:00-18:00")
    station.periods.all().delete()
    run, _found = hand_in(csv("名称,开放时间,地址", "甲路驿站,8:00-18:00,新址"), county, clerk)
    actions.apply_run(run, by=clerk)
    assert station.periods.count() == 0


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_an_export_comes_back_unchanged(county: Organization, clerk: Any, format: str) -> None:
    """Whatever a station holds: by hand or by list, odd names, dates known to the month, copied formulas."""
    make_station(
        county, "=1+1工会驿站", address="甲路1号\n二楼", hours_text="夏季8:00-20:00\n冬季9:00-18:00", remarks="-无-"
    )
    make_station(county, "'单引号驿站", list_id="No.7", opened_on="2023-05-01", opened_precision="month")
    make_station(
        county,
        "坐标驿站",
        latitude=25.0412345,
        longitude=102.7123456,
        accuracy="surveyed",
        area="30.50",
        seats=12,
        facilities_text="饮水机",
        facilities=["water", "aed"],
        sign_number="0012",
    )
    resource = StationResource(Context(county, clerk))
    file = io.BytesIO()
    assert exports.write(file, resource, exports.exportable(StationResource, clerk), format) == 3
    _run, found = hand_in(file.getvalue(), county, clerk, name=f"x.{format}")
    assert [
        (row.label, row.changes, [p.code for p in row.problems if p.level == "error"])
        for row in found.rows
        if row.outcome is not Outcome.UNCHANGED
    ] == []
    assert found.counts["unchanged"] == 3
    if format == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(file.getvalue())).active
        assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n"}


def test_the_template_filled_in_goes_in_and_its_example_does_not(desk: Client, county: Organization) -> None:
    answer = desk.get(reverse("admin:sheets_sheetrun_template", args=["stations"]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.worksheets[0]
    headings = [str(cell.value).strip("*") for cell in sheet[1]]
    sheet.cell(3, headings.index("站点名称") + 1, "甲路工会驿站")
    sheet.cell(3, headings.index("地址") + 1, "甲路1号")
    filled = io.BytesIO()
    book.save(filled)
    upload(desk, filled.getvalue(), county, "模板.xlsx")
    run = SheetRun.objects.get()
    assert (run.rows, run.created, run.rejected) == (1, 1, 0)


def test_organizations_come_in_with_their_superiors_in_one_file(county: Organization, clerk: Any) -> None:
    content = csv("工会名称,上级工会", "示例科技公司工会委员会,示例街道总工会", "示例街道总工会,")
    run, found = hand_in(content, county, clerk, kind="organizations")
    assert found.counts["created"] == 2
    actions.apply_run(run, by=clerk)
    assert Organization.objects.get(name="示例科技公司工会委员会").path.startswith(
        Organization.objects.get(name="示例街道总工会").path
    )


def test_a_rejected_superior_takes_those_below_it_along(county: Organization, clerk: Any) -> None:
    content = csv(
        "工会名称,上级工会,统一社会信用代码", "街道总工会,,不是代码", "公司工会,街道总工会,", "公司分会,公司工会,"
    )
    run, found = hand_in(content, county, clerk, kind="organizations")
    assert [row.outcome.value for row in found.rows] == ["rejected"] * 3
    with pytest.raises(ValidationError):
        actions.apply_run(run, by=clerk)


def test_a_file_beyond_the_limit_is_refused_and_not_kept(county: Organization, clerk: Any, settings: Any) -> None:
    settings.SHEETS_MAX_BYTES = 10
    with pytest.raises(SheetFileError):
        hand_in(GOOD, county, clerk)
    assert SheetRun.objects.count() == 0


def test_superiors_that_stand_twice_in_the_file_take_those_below_them_along(county: Organization, clerk: Any) -> None:
    content = csv("工会名称,上级工会", "街道总工会,", "街道总工会,", "公司工会,街道总工会")
    _run, found = hand_in(content, county, clerk, kind="organizations")
    assert found.counts["rejected"] == 3


def test_an_organization_list_comes_back_unchanged(county: Organization, clerk: Any) -> None:
    make_union(make_union(county), "示例一分会", kind="branch")
    file = io.BytesIO()
    resource = OrganizationResource(Context(county, clerk))
    exports.write(file, resource, exports.exportable(OrganizationResource, clerk), "xlsx")
    _run, found = hand_in(file.getvalue(), county, clerk, name="x.xlsx", kind="organizations")
    assert [(row.label, row.changes, row.problems) for row in found.rows if row.outcome is not Outcome.UNCHANGED] == []


# --- Beside the lists of other pages ------------------------------------------------------------------------------


def exported(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_the_list_of_stations_exports_what_its_filter_shows(
    desk: Client, county: Organization, neighbour: Organization
) -> None:
    make_station(county, "开放驿站")
    make_station(county, "停用驿站", status="suspended")
    make_station(neighbour, "盘龙路驿站")
    url = reverse("admin:stations_station_export", args=["csv"])
    everything, some = exported(desk.get(url)), exported(desk.get(url, {"status__exact": "open"}))
    assert "开放驿站" in everything and "停用驿站" in everything and "盘龙路驿站" not in everything
    assert "开放驿站" in some and "停用驿站" not in some
    answer = desk.get(reverse("admin:stations_station_export", args=["xlsx"]))
    assert answer.status_code == 200 and answer.streaming
    assert desk.get(reverse("admin:stations_station_export", args=["pdf"])).status_code == 404


def test_the_buttons_beside_a_list_are_those_the_account_may_press(client: Client, county: Organization) -> None:
    links = {
        Role.CLERK: {"export.xlsx", "template.xlsx", "kind=stations"},
        Role.READ_ONLY: {"export.xlsx"},
        Role.SYSTEM_ADMINISTRATOR: set(),
    }
    for role, expected in links.items():
        client.force_login(make_account(role, county), backend="unionportal.organizations.backends.RoleBackend")
        page = client.get(reverse("admin:stations_station_changelist")).content.decode()
        assert {mark for mark in ("export.xlsx", "template.xlsx", "kind=stations") if mark in page} == expected
        allowed = client.get(reverse("admin:stations_station_export", args=["csv"])).status_code
        assert allowed == (200 if "export.xlsx" in expected else 403)


def test_an_export_is_written_down(desk: Client, county: Organization, clerk: Any) -> None:
    make_station(county, "甲路驿站")
    exported(desk.get(reverse("admin:stations_station_export", args=["csv"])))
    event = AuditEvent.objects.get(verb="export_sheet")
    assert (event.actor_id, event.details["sheet"], event.details["rows"]) == (clerk.pk, "stations", 1)
