"""The list is found wherever it stands on a sheet, and each row below it is told for what it is."""

import io
import time
from pathlib import Path

import pytest

from unionportal.sheets.headings import Vocabulary, match_headings
from unionportal.sheets.reading import Book, RawSheet, read_file
from unionportal.sheets.reading.book import Merge
from unionportal.sheets.tables import Table, find_tables

REAL = Path(__file__).parent / "files" / "real"
WORDS = Vocabulary(
    {
        "name": ["站点名称", "名称", "驿站名称", "人防工程"],
        "address": ["地址", "位置", "地点"],
        "district": ["区县", "地区", "市县"],
        "opening_hours": ["开放时间", "service_time", "open_hours", "hours"],
        "lng": ["经度", "longitude"],
        "lat": ["纬度", "latitude"],
        "coordinates": ["经纬度"],
        "phone": ["联系电话", "电话", "contact"],
        "wifi": ["WiFi"],
        "water": ["饮水"],
        "number": ["序号", "编号", "id"],
        "facilities": ["设施", "features", "service_content"],
        "external_id": ["POI_ID"],
    },
    subject_words=["驿站", "站点"],
)


def tables(rows: list[list], merged: list[Merge] | None = None, name: str = "名单") -> list[Table]:
    return find_tables(Book([RawSheet(name, rows, merged=merged or [])]), WORDS)


def table(rows: list[list], merged: list[Merge] | None = None) -> Table:
    return tables(rows, merged)[0]


def kinds(found: Table) -> list[tuple[int, str]]:
    return [(line.number, line.kind) for line in found.rows()]


def codes(found: Table) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.row) for problem in found.problems]


def fields(found: Table) -> list[str | None]:
    return [match.field for match in match_headings(found.headings, WORDS)]


def test_titles_and_unit_lines_above_the_headings_are_no_rows():
    found = table(
        [
            ["官渡区工会驿站汇总表", "", ""],
            ["填报单位：官渡区总工会", "", "时间：2024年5月"],
            [],
            ["序号", "名称", "地址"],
            [1.0, "甲", "一路"],
        ],
        [Merge(0, 0, 0, 2)],
    )
    assert found.header_rows == (4,) and kinds(found) == [(5, "data")]
    assert found.titles == ["官渡区工会驿站汇总表", "填报单位：官渡区总工会 时间：2024年5月"]


def test_two_rows_of_headings_are_joined_under_their_merged_group():
    rows = [
        ["名称", "地址", "设施", ""],
        ["名称", "地址", "WiFi", "饮水"],
        ["甲", "一路", "√", "×"],
    ]
    found = table(rows, [Merge(0, 0, 1, 0), Merge(0, 1, 1, 1), Merge(0, 2, 0, 3)])
    assert [heading.text for heading in found.headings] == ["名称", "地址", "设施/WiFi", "设施/饮水"]
    assert fields(found) == ["name", "address", "wifi", "water"]
    assert found.header_rows == (1, 2) and kinds(found) == [(3, "data")]


def test_two_rows_of_headings_in_a_csv_have_gaps_instead_of_merged_cells():
    found = table(
        [
            ["序号", "站点", "", "设施", ""],
            ["", "名称", "地址", "WiFi", "饮水"],
            ["1", "甲", "一路", "1", "0"],
        ]
    )
    assert fields(found) == ["number", "name", "address", "wifi", "water"]


def test_headings_repeated_by_a_page_break_are_left_out_with_a_note():
    found = table([["名称", "地址"], ["甲", "一路"], ["名称", "地址"], ["乙", "二路"]])
    assert kinds(found) == [(2, "data"), (4, "data")]
    assert codes(found) == [("repeated-heading-row", 3)]


def test_totals_remarks_and_footers_are_told_from_entries():
    found = table(
        [
            ["序号", "名称", "地址"],
            [1.0, "甲", "一路"],
            ["小计", "1个", ""],
            ["", "合计：1个", ""],
            [2.0, "总计", ""],
            ["备注：1.全部开放", "", ""],
            ["2.夏季延长", "", ""],
            ["填表人：张", "", "审核人：李"],
            ["第 1 页", "", ""],
        ]
    )
    expected = ["data", "total", "total", "total", "note", "note", "note", "note"]
    assert [kind for _number, kind in kinds(found)] == expected


@pytest.mark.parametrize(
    "name",
    [
        "总工会驿站",
        "合计路驿站",
        "注册中心驿站",
        "说明书博物馆驿站",
        "共青团路驿站",
        "制表厂驿站",
        "例外咖啡驿站",
        "第1页书店驿站",
    ],
)
def test_a_name_that_begins_like_a_total_or_remark_is_an_entry(name):
    assert kinds(table([["名称", "地址", "电话"], [name, "一路", "1"]])) == [(2, "data")]


def test_district_lines_between_the_rows_are_sections():
    found = table(
        [
            ["名称", "地址", "电话"],
            ["五华区(2家)", "", ""],
            ["甲", "一路", "1"],
            ["二、盘龙区", "", ""],
            ["乙", "二路", "2"],
        ]
    )
    assert kinds(found) == [(2, "section"), (3, "data"), (4, "section"), (5, "data")]


def test_blank_rows_are_no_rows_and_numbers_stay():
    assert kinds(table([["名称", "地址"], [], ["甲", "一路"], [" ", "\u3000"], ["乙", "二路"]])) == [
        (3, "data"),
        (5, "data"),
    ]


def test_an_index_column_without_heading_stays_in_its_place():
    found = table([["", "名称", "地址"], [1.0, "甲", "一路"]])
    assert [heading.column for heading in found.headings] == ["A", "B", "C"] and fields(found) == [
        None,
        "name",
        "address",
    ]


def test_several_lists_one_under_another_are_told_apart():
    found = tables(
        [
            ["站点名称", "地址"],
            ["甲", "一路"],
            ["乙", "二路"],
            [],
            ["司机之家名单"],
            ["名称", "地址", "电话"],
            ["丙", "三路", "3"],
        ]
    )
    by_title = {one.header_rows: one for one in found}
    assert kinds(by_title[1,]) == [(2, "data"), (3, "data")]
    assert kinds(by_title[6,]) == [(7, "data")] and by_title[6,].titles == ["司机之家名单"]
    assert codes(found[0]) == [("other-tables", None)]


def test_sheets_with_the_same_headings_are_one_list_and_lines_name_their_sheet():
    book = Book(
        [
            RawSheet("五华区", [["名称", "地址"], ["甲", "一路"]]),
            RawSheet("空表", []),
            RawSheet("盘龙区", [["盘龙区驿站"], ["*名称", "地址"], ["乙", "二路"]]),
            RawSheet("旧", [["名称", "地址"], ["丙", "三路"]], hidden=True),
        ]
    )
    found = find_tables(book, WORDS)
    assert [(line.sheet, line.number, line.values[0]) for line in found[0].rows()] == [
        ("五华区", 2, "甲"),
        ("盘龙区", 3, "乙"),
    ]
    assert codes(found[0]) == [("sheet-hidden", None)]


def test_the_guide_sheet_of_a_template_is_no_list():
    book = Book([RawSheet("填写说明", [["名称", "地址"], ["x", "y"]]), RawSheet("Sheet1", [["名称"], ["甲"]])])
    assert [one.sheet_name for one in find_tables(book, WORDS)] == ["Sheet1"]


def test_the_templates_example_row_is_left_out_with_a_note():
    found = table([["*名称", "地址"], ["【示例】五华驿站", "人民中路"], ["甲", "一路"]])
    assert kinds(found) == [(3, "data")] and codes(found) == [("example-row", 2)]


def test_a_list_without_headings_begins_with_its_first_row():
    found = table([["五华区华山工会驿站", "人民中路1号"], ["盘龙区青云工会驿站", "北京路2号"]])
    assert found.header_rows == () and kinds(found) == [(1, "data"), (2, "data")]
    assert codes(found) == [("heading-missing", None)]


def test_a_single_column_without_heading_begins_with_its_first_row():
    assert kinds(table([["华山工会驿站"], ["青云工会驿站"]])) == [(1, "data"), (2, "data")]


def test_unknown_headings_above_dates_are_still_headings():
    found = table([["机构", "门牌", "成立"], ["甲", "一路", "2024-01-01"], ["乙", "二路", "2024-02-01"]])
    assert found.header_rows == (1,) and len(kinds(found)) == 2


def test_a_sheet_of_nothing_gives_no_table():
    assert tables([]) == [] and tables([["", " "]]) == []


def test_rows_are_as_wide_as_the_headings():
    found = table([["名称", "地址", "电话"], ["甲"], ["乙", "二路", "2", "extra"]])
    assert [len(line.values) for line in found.rows()] == [4, 4] and len(found.headings) == 4


REAL_LISTS = {
    "chongqing_2": (37, {"district", "name", "address"}),
    "chongqing_wansheng_1": (7, {"number", "name", "address"}),
    "duchang_1": (7, {"name", "address", "coordinates", "external_id", "opening_hours", "facilities"}),
    "foshan_1": (6, {"name"}),
    "hangzhou_1": (7, {"name", "district", "address", "opening_hours", "facilities"}),
    "hefei_shushan_1": (10, {"name"}),
    "honours_1": (51, {"district", "name"}),
    "nanjing_1": (7, {"name", "address"}),
    "news_single_1": (65, {"district", "name", "address", "opening_hours", "facilities"}),
    "shanghai_anting_1": (26, {"number", "name", "address", "opening_hours", "lng", "lat", "facilities"}),
    "weihai_wendeng_1": (7, {"name"}),
    "zhengzhou_1": (82, {"name", "address", "district", "lat", "lng", "phone", "opening_hours"}),
}


@pytest.mark.parametrize("stem", REAL_LISTS)
def test_real_lists_are_found_whole(stem):
    count, expected = REAL_LISTS[stem]
    found = find_tables(read_file(REAL / f"{stem}.csv"), WORDS)
    assert len(found) == 1
    assert [kind for _number, kind in kinds(found[0])] == ["data"] * count
    assert expected <= set(fields(found[0]))


def test_a_hundred_thousand_rows_are_sorted_out_in_a_moment():
    rows = [["名称", "地址", "电话"], *([f"驿站{i}", "人民中路", str(i)] for i in range(100_000))]
    started = time.perf_counter()
    assert sum(1 for _line in table(rows).rows()) == 100_000
    assert time.perf_counter() - started < 3


def test_a_file_of_headings_alone_is_a_list_without_rows():
    found = find_tables(read_file(io.BytesIO("名称,地址\n".encode()), "a.csv"), WORDS)[0]
    assert found.row_count == 0 and fields(found) == ["name", "address"]
