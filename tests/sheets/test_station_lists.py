"""What station lists really hold in their cells and rows, and what becomes of it."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stations.actions import StationDraft, save_stations
from stations.models import Station
from stations.resources import StationResource
from tests.factories import make_county, make_federation, make_station, make_union
from unionportal.organizations.models import Organization, Partner
from unionportal.sheets import actions, exports
from unionportal.sheets.examination import Examination
from unionportal.sheets.resources import Context

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Organization:
    return make_county()


def read(
    county: Organization, *lines: str, content: bytes = b"", name: str = "list.csv", **options: Any
) -> Examination:
    return actions.hand_in(
        content or "\n".join(lines).encode(),
        filename=name,
        kind=options.pop("kind", "stations"),
        organization=county,
        by=None,
        **options,
    )[1]


def make_partner(organization: Organization, name: str) -> Partner:
    return Partner.objects.create(organization=organization, name=name)


def codes(found: Examination) -> set[str]:
    return {problem.code for problem in found.problems}


# --- What the list does not say plainly ---------------------------------------------------------------------------


def sheets_named(*names: str, head: tuple[str, ...] = ("名称", "地址"), row: tuple[str, ...] = ()) -> bytes:
    """A workbook with one list of one station on each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in names:
        sheet = book.create_sheet(name)
        sheet.append(head)
        sheet.append(row or (f"{name}驿站", "红旗大道58号"))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def city() -> Organization:
    return make_federation()


def test_a_worksheet_named_after_a_district_names_the_district_of_its_rows(city: Organization) -> None:
    found = read(city, content=sheets_named("五华区", "盘龙", "汇总"), name="list.xlsx")
    assert [getattr(row.values.get("division"), "name", None) for row in found.rows] == ["五华区", "盘龙区", None]
    notes = [one for one in found.file_problems if one.code == "division-from-sheet"]
    assert [(one.level, one.value) for one in notes] == [("note", "五华区"), ("note", "盘龙")]
    alone = read(city, content=sheets_named("五华区"), name="list.xlsx")
    assert alone.rows[0].values["division"].name == "五华区"


def test_what_the_row_itself_says_goes_before_the_name_of_the_sheet(city: Organization) -> None:
    said = read(city, content=sheets_named("五华区", row=("甲驿站", "昆明市盘龙区红旗大道58号")), name="list.xlsx")
    assert said.rows[0].values["division"].name == "盘龙区" and "division-from-sheet" not in codes(said)
    head, row = ("名称", "区县"), ("甲驿站", "盘龙区")
    column = read(city, content=sheets_named("五华区", head=head, row=row), name="list.xlsx")
    assert column.rows[0].values["division"].name == "盘龙区" and "division-from-sheet" not in codes(column)


def test_a_worksheet_named_after_a_district_elsewhere_says_nothing(county: Organization) -> None:
    found = read(county, content=sheets_named("盘龙区"), name="list.xlsx")
    assert "division" not in found.rows[0].values and "division-from-sheet" not in codes(found)


def test_a_new_station_is_not_opened_on_a_guess_at_its_status(county: Organization) -> None:
    found = read(county, "名称,地址,状态", "甲驿站,甲路1号,等通知", "乙驿站,乙路2号,", "丙驿站,丙路3号,正常开放")
    assert [row.outcome.value for row in found.rows] == ["rejected", "created", "created"]
    (problem,) = found.rows[0].problems
    assert (problem.code, problem.level, problem.field) == ("word-unknown", "error", "status")
    assert "暂停开放" in problem.message and "建设中" in problem.message


def test_an_unreadable_status_of_a_known_station_changes_nothing(county: Organization) -> None:
    make_station(county, name="甲驿站")
    found = read(county, "名称,状态,座位数", "甲驿站,等通知,8")
    assert found.rows[0].outcome.value == "updated" and set(found.rows[0].changes) == {"seats"}
    assert [(one.code, one.level) for one in found.rows[0].problems] == [("word-unknown", "warning")]


# --- Rows that are none -------------------------------------------------------------------------------------------


def test_totals_footers_and_foreign_examples_are_rejected_and_counted(county: Organization) -> None:
    lines = [
        "（示例）甲路驿站,一路",
        "联系群众驿站,乙路2号",
        "全区合计,2家",
        "本表由五华区总工会填报,",
        "联系人：张三,",
    ]
    found = read(county, "驿站名称,地址", *lines, "制表人：,", "备注：全部开放,")
    assert found.counts == {"rows": 7, "created": 1, "updated": 0, "unchanged": 0, "rejected": 6}
    assert {"sample-row", "total-row", "note-row"} <= codes(found)
    assert [row.label for row in found.good_rows] == ["联系群众驿站"]


def test_the_example_of_our_own_template_is_no_row(county: Organization) -> None:
    file = io.BytesIO()
    exports.write_template_of(file, StationResource(Context(county)))
    book = openpyxl.load_workbook(file)
    book.active.append([None, "甲路驿站"])
    filled = io.BytesIO()
    book.save(filled)
    found = read(county, content=filled.getvalue(), name="模板.xlsx")
    assert (found.counts["rows"], found.counts["created"]) == (1, 1)


def test_a_line_of_units_is_no_row_and_its_unit_counts(county: Organization) -> None:
    found = read(county, "驿站名称,投入资金,面积", ",（万元）,（平方米）", "甲路驿站,3.5,20")
    assert found.counts["rows"] == 1
    assert found.rows[0].values["investment"] == 35_000


# --- Whose host ---------------------------------------------------------------------------------------------------


def test_an_exported_list_comes_back_unchanged_where_two_unions_keep_a_partner_of_one_name(
    county: Organization,
) -> None:
    other = make_county("盘龙区总工会（演示）", "530103")
    near, far = make_partner(county, "示例银行"), make_partner(other, "示例银行")
    stations = [make_station(county, "甲路驿站", host=far), make_station(county, "乙路驿站", host=near)]
    file = io.BytesIO()
    exports.write(file, StationResource(Context(county)), Station.objects.filter(organization=county), "csv")
    found = read(county, content=file.getvalue())
    assert found.counts["unchanged"] == 2, [row.changes for row in found.rows]
    assert [station.host for station in stations] == [far, near]


def test_a_new_station_takes_the_partner_of_the_nearest_union(county: Organization) -> None:
    other, street = make_county("盘龙区总工会（演示）", "530103"), make_union(county, "华山街道总工会")
    near = make_partner(county, "示例银行")
    make_partner(other, "示例银行")
    found = read(street, "驿站名称,依托单位", "甲路驿站,示例银行")
    assert found.rows[0].values["host"] == near


def test_partners_equally_near_are_said_to_be_ambiguous(county: Organization) -> None:
    for name in ("华山街道总工会", "护国街道总工会"):
        make_partner(make_union(county, name), "示例银行")
    found = read(county, "驿站名称,依托单位", "甲路驿站,示例银行")
    assert "host-ambiguous" in codes(found) and found.rows[0].values["host_name"] == "示例银行"


# --- Cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["空调", "空调（台）", "空调数量", "是否配备空调", "有无空调"])
@pytest.mark.parametrize(
    ("cell", "has"), [("1", True), ("2", True), ("√", True), ("有", True), ("0", False), ("无", False), ("0台", False)]
)
def test_a_facility_column_is_read_whatever_its_heading_adds(
    county: Organization, heading: str, cell: str, has: bool
) -> None:
    found = read(county, f"驿站名称,{heading},WIFI,Wi-Fi", f"甲路驿站,{cell},1,")
    values = found.rows[0].values
    assert "air_con" in (values["facilities"] if has else values["facilities_absent"])
    assert "wifi" in values["facilities"] and not codes(found) & {"heading-unknown", "facility-heading-unknown"}


@pytest.mark.parametrize(
    "text",
    [
        "25.0406°N, 102.7123°E",
        "东经102.7123°，北纬25.0406°",
        "102.7123度 25.0406度",
        "E102°42′44″ N25°2′26″",
        "102°42.738′, 25°2.436′",
        "102º42'44''，25º2'26''",
        "25°2′ 102°42′",
    ],
)
def test_degrees_are_read_as_people_write_them(county: Organization, text: str) -> None:
    found = read(county, "驿站名称,坐标,坐标系", f'甲路驿站,"{text}",WGS-84')
    values = found.rows[0].values
    assert (round(values["latitude"], 1), round(values["longitude"], 1)) == (25.0, 102.7), codes(found)


def test_sixty_minutes_are_no_angle(county: Organization) -> None:
    assert "coordinates-not-two" in codes(read(county, "驿站名称,坐标", "甲路驿站,102°75′44″ 25°2′26″"))


@pytest.mark.parametrize("heading", ["联系电话", "管理员"])
def test_several_people_in_one_cell_are_told_apart_and_their_numbers_kept_private(
    county: Organization, heading: str
) -> None:
    found = read(county, f"驿站名称,{heading}", "甲路驿站,张三13800138000、李四13900139000")
    values = found.rows[0].values
    assert values["keeper_phone"] == "13800138000、13900139000" and values["keeper_name"] == "张三、李四"
    assert "public_phone" not in values
    assert "13800138000" not in str([problem.as_dict() for problem in found.problems])


@pytest.mark.parametrize("cell", ["张三、李四", "张三13800138000、没有", "见公告栏"])
def test_a_cell_that_holds_no_number_is_said_and_left_out(county: Organization, cell: str) -> None:
    found = read(county, "驿站名称,联系电话", f"甲路驿站,{cell}")
    assert "phone-unreadable" in codes(found) and found.counts["created"] == 1


@pytest.mark.parametrize(
    ("cell", "seats", "code"),
    [
        ("可容纳20人", 20, "unit-removed"),
        ("10-20人", 10, "seats-range"),
        ("约30个座位", 30, "value-approximate"),
        ("12", 12, None),
    ],
)
def test_seats_in_words_are_figures(county: Organization, cell: str, seats: int, code: str | None) -> None:
    found = read(county, "驿站名称,座位数", f"甲路驿站,{cell}")
    assert found.rows[0].values["seats"] == seats and (code is None or code in codes(found))


@pytest.mark.parametrize("cell", ["刷脸", "人脸识别"])
def test_a_door_that_knows_faces(county: Organization, cell: str) -> None:
    assert read(county, "驿站名称,进入方式", f"甲路驿站,{cell}").rows[0].values["access"] == Station.Access.FACE


def test_a_day_far_ahead_is_left_out_and_said(county: Organization) -> None:
    near = timezone.localdate() + datetime.timedelta(days=400)
    found = read(county, "驿站名称,启用日期", "甲路驿站,2045-05-01", f"乙路驿站,{near}")
    assert "opened-far-ahead" in codes(found) and "opened_on" not in found.rows[0].values
    assert found.rows[1].values["opened_on"] == near


def test_an_uncached_formula_is_shown_as_it_was_typed(county: Organization) -> None:
    book = openpyxl.Workbook()
    book.active.append(["驿站名称", "地址"])
    book.active.append(["甲路驿站", '=A2&"1号"'])
    file = io.BytesIO()
    book.save(file)
    found = read(county, content=file.getvalue(), name="list.xlsx")
    assert next(p.value for p in found.problems if p.code == "formula-without-value") == '=A2&"1号"'


# --- Other sheets, other tables -----------------------------------------------------------------------------------


def test_rows_of_several_sheets_are_named_with_their_sheet(county: Organization) -> None:
    book = openpyxl.Workbook()
    for name in ("五华区", "盘龙区"):
        sheet = book.create_sheet(name)
        sheet.append(["驿站名称", "地址"])
        sheet.append(["甲路驿站", name])
    del book["Sheet"]
    file = io.BytesIO()
    book.save(file)
    found = read(county, content=file.getvalue(), name="list.xlsx")
    repeated = next(problem for problem in found.problems if problem.code == "station-repeated")
    assert "五华区!2、盘龙区!2" in repeated.message
    assert len(repeated.as_dict()) == 8 and "五华区" in str(repeated.as_dict()["message"])


def test_a_wrong_code_makes_no_second_union_of_one_name(county: Organization) -> None:
    union = make_union(county, "示例公司工会委员会")
    lines = ["工会编码,工会名称,上级工会", f"999999,{union.name},{county.name}", "888888,全新公司工会委员会,"]
    found = read(county, *lines, kind="organizations")
    assert (found.counts["rejected"], found.counts["created"]) == (1, 1)
    assert union.code in next(p.message for p in found.problems if p.code == "organization-code-other")


def test_stations_are_locked_in_one_order_before_they_are_changed(county: Organization) -> None:
    stations = [make_station(county, name) for name in ("甲路驿站", "乙路驿站")]
    with CaptureQueriesContext(connection) as queries:
        save_stations([StationDraft(station) for station in reversed(stations)], by=None)
    texts = [query["sql"] for query in queries]
    lock = next(i for i, sql in enumerate(texts) if "FOR UPDATE" in sql and "ORDER BY 1 ASC" in sql)
    assert lock < next(i for i, sql in enumerate(texts) if 'UPDATE "stations_station" SET' in sql)


# --- What lists say in passing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "yuan"), [("2", 20_000), ("2万", 20_000), ("2万元", 20_000), ("5000元", 5_000)])
def test_a_cell_that_states_its_own_measure_is_not_multiplied_by_its_heading(
    county: Organization, cell: str, yuan: int
) -> None:
    found = read(county, "驿站名称,投资（万元）", f"甲路驿站,{cell}")
    assert found.rows[0].values["investment"] == yuan


def test_days_that_only_the_heading_names_hold_for_its_cells(county: Organization) -> None:
    lines = ["甲路驿站,9:00-18:00", "乙路驿站,周六 9:00-12:00", "丙路驿站,22:00-次日6:00"]
    found = read(county, "驿站名称,开放时间（周一至周五）", *lines)
    assert [row.values["hours"] for row in found.rows] == [
        "周一至周五 9:00-18:00",
        "周六 9:00-12:00",
        "周一至周五 22:00-次日6:00",
    ]


def test_a_list_number_whose_digits_are_cut_off_is_left_out(county: Organization) -> None:
    found = read(county, "编号,驿站名称", "5.3E+17,甲路驿站", "5.3E+17,乙路驿站", "530100000000000002,丙路驿站")
    assert found.counts["created"] == 3 and codes(found) == {"digits-lost"}
    assert [row.values.get("list_id") for row in found.rows] == [None, None, "530100000000000002"]


def test_a_list_on_its_side_makes_no_stations_of_its_headings(county: Organization) -> None:
    found = read(county, "站点名称,甲路驿站,乙路驿站", "地址,甲路1号,乙路2号", "开放时间,9-18点,8-20点")
    assert found.counts["rejected"] == 2 and "name-is-heading" in codes(found)


@pytest.mark.parametrize(("cell", "held"), [("计划配备", False), ("尚未安装", False), ("N/A", None), ("是/否", None)])
def test_a_facility_that_is_planned_or_not_answered_is_not_there(
    county: Organization, cell: str, held: bool | None
) -> None:
    values = read(county, "驿站名称,空调,微波炉", f"甲路驿站,{cell},有").rows[0].values
    assert set(values["facilities"]) == {"microwave"}
    assert ("air_con" in values["facilities_absent"]) == (held is False)


def test_facilities_of_columns_are_exported_in_words_and_come_back_unchanged(county: Organization) -> None:
    lines = ["驿站名称,服务设施,空调,AED", "甲路驿站,饮水机,2台,有", "乙路驿站,,有,无"]
    run = actions.hand_in("\n".join(lines).encode(), filename="a.csv", kind="stations", organization=county, by=None)[0]
    actions.apply_run(run, by=None)
    file = io.BytesIO()
    exports.write(file, StationResource(Context(county)), exports.exportable(StationResource, None), "csv")
    text = file.getvalue().decode("utf-8-sig")
    assert "饮水机；空调（2台）" in text or "空调（2台）、" in text
    assert read(county, content=file.getvalue()).counts["unchanged"] == 2
