"""Lists as unions have published them, and lists as dirty as they come: each goes in right or names the wrong cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from django.conf import settings
from django.utils import translation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from tests.factories import make_federation
from unionportal.sheets.examination import Examination, examine
from unionportal.sheets.problems import CODES, ERROR, NOTE, SheetFileError
from unionportal.sheets.resources import Context, Row, resource_for

pytestmark = pytest.mark.django_db

REAL = Path(__file__).parent / "files" / "real"

# Read for the federation of Kunming: rows, and every warning with its number. None of the rows is rejected.
# Most lists come from other cities, so their districts and points lie outside on purpose.
EXPECTED: dict[str, tuple[int, dict[str, int]]] = {
    "chongqing_2": (37, {"division-outside": 37}),
    "chongqing_wansheng_1": (7, {}),
    "duchang_1": (7, {"position-outside": 7, "heading-unknown": 1}),
    "foshan_1": (6, {}),
    "hangzhou_1": (7, {"division-outside": 7, "heading-unknown": 1}),
    "hefei_shushan_1": (10, {}),
    "honours_1": (51, {"division-outside": 49, "heading-unknown": 1}),
    "nanjing_1": (7, {"division-outside": 6}),
    "news_single_1": (65, {"division-outside": 62}),
    "shanghai_anting_1": (
        26,
        {"position-outside": 26, "station-same-name": 2, "heading-repeated": 1, "datum-assumed": 1},
    ),
    "weihai_wendeng_1": (7, {}),
    "zhengzhou_1": (
        82,
        {"division-outside": 82, "position-outside": 18, "division-unknown": 12, "datum-assumed": 1},
    ),
}


def read(content: bytes, filename: str, kind: str = "stations", **options: Any) -> Examination:
    context = Context(make_federation())
    return examine(io.BytesIO(content), filename, resource_for(kind), context, **options)


def rows_of(name: str) -> list[list[str]]:
    with (REAL / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def as_xlsx(rows: list[list[Any]], title: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if title and len(rows[0]) > 1:
        sheet.append([title])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(rows[0]))
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_gbk(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("gb18030")


def as_xls(rows: list[list[Any]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_ods(rows: list[list[Any]]) -> bytes:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Sheet1")
    for row in rows:
        line = TableRow()
        for cell in row:
            held = TableCell(valuetype="string")
            held.addElement(P(text=str(cell)))
            line.addElement(held)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


FORMATS: dict[str, tuple[str, Callable[[list[list[Any]]], bytes]]] = {
    "xlsx with a merged title": ("x.xlsx", lambda rows: as_xlsx(rows, "2026年工会驿站名单")),
    "csv in GBK": ("x.csv", as_gbk),
    "xls": ("x.xls", as_xls),
    "ods": ("x.ods", as_ods),
}


def said(found: Examination) -> dict[str, int]:
    return dict(Counter(problem.code for problem in found.problems if problem.level != NOTE))


# --- Published lists ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPECTED)
def test_a_published_list_goes_in_with_the_warnings_it_deserves(name: str) -> None:
    found = read((REAL / f"{name}.csv").read_bytes(), f"{name}.csv")
    rows, warnings = EXPECTED[name]
    assert found.counts == {"rows": rows, "created": rows, "updated": 0, "unchanged": 0, "rejected": 0}
    assert said(found) == warnings


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", EXPECTED)
def test_the_format_of_a_list_makes_no_difference(name: str, format: str) -> None:
    filename, write = FORMATS[format]
    found = read(write(rows_of(name)), filename)
    assert (found.counts["rows"], found.counts["rejected"]) == (EXPECTED[name][0], 0)
    assert said(found) == EXPECTED[name][1]


def test_every_real_file_is_expected_to_do_something() -> None:
    assert {file.stem for file in REAL.glob("*.csv")} == {*EXPECTED, "templates_jobs"}


def test_a_list_of_jobs_is_no_list_of_stations() -> None:
    with pytest.raises(SheetFileError) as refusal:
        read((REAL / "templates_jobs.csv").read_bytes(), "templates_jobs.csv")
    assert refusal.value.problem.code == "heading-required"
    assert "招聘岗位" in refusal.value.problem.message, "what it is a list of is said"


def test_a_list_that_is_of_no_kind_is_said_to_be_none() -> None:
    with pytest.raises(SheetFileError) as refusal:
        read("颜色,形状\n红,圆\n蓝,方\n".encode(), "甲.csv")
    assert "看起来" not in refusal.value.problem.message


def row(found: Examination, name: str) -> Row:
    return next(row for row in found.rows if name in row.values.get("name", ""))


def test_chongqing_shelters_are_cooling_points_in_their_districts() -> None:
    """江北区 alone is Ningbo's too: the list's other rows settle it. 人防工程 is the kind and the host."""
    found = read((REAL / "chongqing_2.csv").read_bytes(), "chongqing_2.csv")
    assert {row.values["kind"].code for row in found.rows} == {"NL"}
    assert {row.values["division"].code[:4] for row in found.rows} == {"5001"}
    assert row(found, "大坪金像世家").values["host_kind"].code == "civil_defence"
    assert {row.values["status"] for row in found.rows} == {"open"}


def test_traditional_headings_and_numbers_no_1_are_read() -> None:
    found = read((REAL / "chongqing_wansheng_1.csv").read_bytes(), "x.csv")
    assert [row.values["list_id"] for row in found.rows] == list("1234567")


def test_duchangs_datum_and_order_stand_in_the_heading() -> None:
    found = read((REAL / "duchang_1.csv").read_bytes(), "x.csv")
    values = found.rows[0].values
    assert (values["given_datum"], values["given_longitude"], values["given_latitude"]) == (
        "gcj02",
        116.201836,
        29.270071,
    )
    assert abs(values["longitude"] - 116.1968) < 0.001 and values["list_id"] == "B0KG7HA2PR"


def test_hangzhous_flags_are_facilities_and_its_west_lake_is_hangzhous() -> None:
    found = read((REAL / "hangzhou_1.csv").read_bytes(), "x.csv")
    values = row(found, "西湖区云州国际").values
    assert values["division"].code == "330106"
    assert {"wifi", "water", "air_con"} <= set(values["facilities"])


def test_a_lists_only_heading_may_be_its_title() -> None:
    found = read((REAL / "hefei_shushan_1.csv").read_bytes(), "x.csv")
    assert found.headings[0].field == "name" and len({r.values["name"] for r in found.rows}) == 10


def test_a_title_among_the_rows_becomes_no_station() -> None:
    found = dirty(["2026年工会驿站名单"], ["五华区工会驿站名单（2家）"], ["甲路驿站"], ["乙路驿站"])
    assert [row.label for row in found.good_rows] == ["甲路驿站", "乙路驿站"]


def test_names_that_differ_inside_brackets_are_different_stations() -> None:
    found = read((REAL / "foshan_1.csv").read_bytes(), "x.csv")
    assert found.counts["created"] == 6 and row(found, "中国邮政").values["host_kind"].code == "post"


def test_of_code_and_word_for_a_kind_the_word_counts() -> None:
    found = read((REAL / "shanghai_anting_1.csv").read_bytes(), "x.csv")
    taken = {match.heading: match.field for match in found.headings}
    assert taken["类别"] == "kind" and taken["type"] is None


# --- Lists as dirty as they come ----------------------------------------------------------------------------------


def dirty(*rows: list[Any], merged: tuple[str, ...] = ()) -> Examination:
    book = openpyxl.Workbook()
    for line in rows:
        book.active.append([None if cell == "" else cell for cell in line])
    for cells in merged:
        book.active.merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    return read(file.getvalue(), "名单.xlsx")


def errors(found: Examination) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.code) for p in found.problems if p.level == ERROR]


def test_two_rows_of_headings_under_a_merged_title() -> None:
    found = dirty(
        ["五华区户外劳动者服务站点一览表", "", "", "", "", "", "", ""],
        ["序号", "站点名称", "地理位置", "", "联系方式", "", "设施情况", ""],
        ["", "", "街道", "详细地址", "联系人", "电话", "饮水机", "微波炉"],
        [1, "甲路驿站", "华山街道", "甲路1号", "演示甲", "0871-65123456", "有", "无"],
        [2, "乙路驿站", "护国街道", "乙路1号", "演示乙", "0871-65123457", "√", "×"],
        merged=("A1:H1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:H2"),
    )
    values = found.rows[0].values
    assert (found.counts["created"], errors(found)) == (2, [])
    assert (values["division"].name, values["address"], values["keeper_name"]) == ("华山街道", "甲路1号", "演示甲")
    assert values["facilities"] == {"water": ""}


def test_districts_merged_over_several_rows() -> None:
    found = dirty(
        ["区县", "驿站名称"], ["五华区", "甲驿站"], ["", "乙驿站"], ["盘龙区", "丙驿站"], ["", "丁驿站"],
        merged=("A2:A3", "A4:A5"),
    )  # fmt: skip
    assert [row.values["division"].name for row in found.rows] == ["五华区", "五华区", "盘龙区", "盘龙区"]


def test_sections_totals_and_notes_are_counted_and_rejected() -> None:
    found = dirty(
        ["填报单位：五华区总工会", "", ""],
        ["序号", "驿站名称", "地址"],
        ["一、五华区", "", ""],
        [1, "甲路驿站", "甲路1号"],
        ["二、盘龙区", "", ""],
        [1, "乙路驿站", "乙路1号"],
        ["小计", "1家", ""],
        ["合计", "2家", ""],
        ["填表说明：名称须与铭牌一致", "", ""],
        ["审核人：演示", "", ""],
    )
    assert found.counts == {"rows": 8, "created": 2, "updated": 0, "unchanged": 0, "rejected": 6}
    assert errors(found) == [
        (3, None, "section-row"),
        (5, None, "section-row"),
        (7, None, "total-row"),
        (8, None, "total-row"),
        (9, None, "note-row"),
        (10, None, "note-row"),
    ]


def test_opening_and_closing_time_in_columns_of_their_own() -> None:
    found = dirty(
        ["名称", "开门时间", "关门时间"],
        ["甲驿站", dt.time(8, 30), dt.time(17, 30)],
        ["乙驿站", "上午9点", "下午6点"],
        ["丙驿站", "24小时", ""],
    )
    assert [row.values["hours"] for row in found.rows] == ["08:30-17:30", "上午9点-下午6点", "24小时"]
    assert said(found) == {}


@pytest.mark.parametrize(
    "cell",
    [
        "102.71,25.04",
        "25.04，102.71",
        "经度102.71 纬度25.04",
        "东经102°42′36″ 北纬25°2′24″",
        "102度42分36秒，25度2分24秒",
        '{"lng":102.71,"lat":25.04}',
        "POINT(102.71 25.04)",
        "102.71/25.04",
        "１０２．７１；２５．０４",
        "(25.04, 102.71)",
    ],
)
def test_both_coordinates_in_one_cell(cell: str) -> None:
    values = dirty(["名称", "坐标（WGS84）"], ["甲驿站", cell], ["乙驿站", ""]).rows[0].values
    assert (round(values["latitude"], 5), round(values["longitude"], 5)) == (25.04, 102.71)


@pytest.mark.parametrize(
    ("latitude", "longitude", "column", "code"),
    [
        ("25.04", "1120.36237", "C", "coordinate-impossible"),
        ("25.04", "", "C", "coordinate-alone"),
        ("二十五", "102.71", "B", "coordinate-impossible"),
        ("25.04", "25.05", "B", "coordinates-not-two"),
    ],
)
def test_a_wrong_coordinate_is_named_by_its_cell(latitude: str, longitude: str, column: str, code: str) -> None:
    found = dirty(["名称", "纬度", "经度"], ["甲驿站", latitude, longitude], ["乙驿站", "25.05", "102.72"])
    assert errors(found)[0] == (2, column, code) and found.counts["created"] == 1


def test_swapped_coordinates_are_exchanged_and_said() -> None:
    found = dirty(["名称", "经度", "纬度"], ["甲驿站", "25.04", "102.71"])
    assert found.rows[0].values["given_longitude"] == 102.71 and "coordinates-swapped" in said(found)


@pytest.mark.parametrize(
    ("cell", "public", "keeper", "name"),
    [
        (13800138000.0, "", "13800138000", ""),
        ("演示甲 13800138000", "", "13800138000", "演示甲"),
        ("13800138000（演示乙）", "", "13800138000", "演示乙"),
        ("演示丙：0871-65123456", "0871-65123456", "", "演示丙"),
        ("0871-65123456/13800138000", "0871-65123456", "13800138000", ""),
        ("0871-65123456、65123457", "0871-65123456、0871-65123457", "", ""),
        ("12351", "12351", "", ""),
    ],
)
def test_telephone_cells(cell: Any, public: str, keeper: str, name: str) -> None:
    values = dirty(["名称", "联系人及电话"], ["甲驿站", cell]).rows[0].values
    found = (values.get("public_phone", ""), values.get("keeper_phone", ""), values.get("keeper_name", ""))
    assert found == (public, keeper, name)


def test_the_dump_of_a_mini_program() -> None:
    """English headings, JSON in cells; its “location” is an address, for latitude and longitude stand apart."""
    found = dirty(
        ["_id", "stationName", "location", "openTime", "latitude", "longitude", "phoneNumber", "facilityList"],
        ["65fa01", "甲路驿站", "甲路1号", "00:00-24:00", "25.04", "102.71", "087165123456", '["空调","饮水机"]'],
        ["65fa02", "乙路驿站", "乙路1号", "8:00-20:00", "25.05", "102.72", "", '{"空调":true,"wifi":false}'],
    )
    first, second = (row.values for row in found.rows)
    assert errors(found) == [] and first["address"] == "甲路1号" and first["public_phone"] == "0871-65123456"
    assert set(first["facilities"]) == {"air_con", "water"} and set(second["facilities"]) == {"air_con"}


def test_line_breaks_in_headings_and_names() -> None:
    found = dirty(["驿站\n名称", "详细\n地址", "开放\n时间"], ["甲路\n驿站", "甲路1号", "周一至周五\n8:30-17:30"])
    assert found.rows[0].values["name"] == "甲路驿站" and said(found) == {}


def test_numbers_as_people_write_them() -> None:
    found = dirty(
        ["名称", "面积", "建成时间", "投入资金（万元）"],
        ["甲驿站", "约30平方米", "2023年5月", "1.5"],
        ["乙驿站", "30㎡左右", "2023.5.1", "15000元"],
    )
    assert [str(row.values["area"]) for row in found.rows] == ["30.00", "30.00"]
    assert [row.values["investment"] for row in found.rows] == [15000, 15000]
    assert said(found) == {}


def test_what_cannot_be_read_is_left_out_and_said() -> None:
    found = dirty(["名称", "面积", "建成时间", "联系电话"], ["甲驿站", "很大", "去年", "1.38E+10"])
    assert found.counts["created"] == 1
    assert [(p.column, p.code) for p in found.rows[0].problems if p.level != NOTE] == [
        ("B", "number-unreadable"),
        ("C", "date-unreadable"),
        ("D", "phone-unreadable"),
    ]


def test_districts_in_many_words() -> None:
    names = ["五华", "五华区", "昆明市西山区", "云南省昆明市官渡区", "530103", "盘龙区总站"]
    found = dirty(["站名", "区县"], *([f"{n}驿站", name] for n, name in enumerate(names)))
    found_names = [getattr(row.values.get("division"), "name", "") for row in found.rows]
    assert found_names[:5] == ["五华区", "五华区", "西山区", "官渡区", "盘龙区"]


def test_formulas_without_a_result_and_error_values_are_named() -> None:
    book = openpyxl.Workbook()
    book.active.append(["名称", "地址", "面积"])
    book.active.append(["甲驿站", "=B9&C9", "#REF!"])
    book.active.append(["=A2", "乙路1号", 3])
    file = io.BytesIO()
    book.save(file)
    found = read(file.getvalue(), "x.xlsx")
    assert {(row, column) for row, column, _code in errors(found)} >= {(2, "B"), (2, "C"), (3, "A")}
    assert found.counts["rejected"] == 2


def test_a_copied_row_counts_once_and_is_named() -> None:
    found = dirty(["名称", "地址"], ["甲驿站", "甲路1号"], ["甲驿站", "甲路1号"])
    assert [row.outcome.value for row in found.rows] == ["created", "rejected"]


def test_a_sheet_for_each_district_is_one_list() -> None:
    book = openpyxl.Workbook()
    for name in ("五华区", "盘龙区"):
        sheet = book.create_sheet(name)
        sheet.append(["驿站名称", "坐标"])
        sheet.append([f"{name}甲驿站", "不知道"])
    del book["Sheet"]
    file = io.BytesIO()
    book.save(file)
    found = read(file.getvalue(), "x.xlsx")
    assert found.counts["rows"] == 2
    assert {(p.sheet, p.row) for p in found.rows[1].problems} <= {("盘龙区", 2)}


# --- The page of codes --------------------------------------------------------------------------------------------

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "sheets.md"
MARKS = ("<!-- codes -->", "<!-- end of codes -->")


def codes_table() -> str:
    """The table of docs/sheets.md, made from the catalogue."""
    with translation.override("en"):
        lines = ["| Code | Level | What it means | What to do |", "|---|---|---|---|"]
        for code, entry in sorted(CODES.items()):
            cause, remedy = (re.sub(r"%\((\w+)\)[sd]", r"‹\1›", str(text)) for text in (entry.cause, entry.remedy))
            lines.append(f"| `{code}` | {entry.level} | {cause} | {remedy} |")
    return "\n".join(lines)


def write_codes() -> None:
    """Write the table anew: ``manage.py shell -c "from tests.sheets.test_real_files import *; write_codes()"``."""
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    DOCUMENT.write_text(f"{before}{MARKS[0]}\n{codes_table()}\n{MARKS[1]}{after}", encoding="utf-8")


def test_the_document_lists_every_code() -> None:
    """When this fails, call `write_codes`."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.split(MARKS[0])[1].split(MARKS[1])[0].strip() == codes_table()


def test_the_document_tells_of_every_real_file() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, (rows, warnings) in EXPECTED.items():
        shown = "、".join(f"{code} {count}" for code, count in sorted(warnings.items())) or "—"
        assert f"| {name}.csv | {rows} | {shown} | 0 |" in text
