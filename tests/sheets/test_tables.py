"""The list is found wherever it stands on a sheet, and each row below it is told for what it is."""

import io
import time
from pathlib import Path

import pytest
from django.utils import translation

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


# --- Lists as people really lay them out --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["全区合计", "3家", ""], "total"),
        (["五华区小计", "", ""], "total"),
        (["五华区", "小计", "3"], "total"),
        (["本表由五华区总工会填报", "", ""], "note"),
        (["联系人：张三", "", "联系电话：0871-1"], "note"),
        (["制表人：", "", ""], "note"),
        (["备注：全部开放", "", ""], "note"),
        (["3", "备注：全部开放", ""], "note"),
        (["（示例）五华驿站", "一路", "1"], "sample"),
        (["例：五华驿站", "一路", "1"], "sample"),
    ],
)
def test_a_total_a_remark_or_an_example_among_the_rows_is_counted_as_what_it_is(line, expected):
    found = table([["名称", "地址", "电话"], ["甲", "一路", "1"], line])
    assert kinds(found) == [(2, "data"), (3, expected)] and not codes(found)


@pytest.mark.parametrize(
    "name",
    [
        "联系群众驿站",
        "联系人之家",
        "负责人驿站",
        "统计局驿站",
        "计算机小区驿站",
        "本表山驿站",
        "来源路驿站",
        "以上海路驿站",
    ],
)
def test_a_station_whose_name_begins_like_a_footer_is_not_lost(name):
    assert kinds(table([["名称", "地址", "电话"], [name, "一路", "1"]])) == [(2, "data")]


def test_an_example_row_further_down_is_counted_even_under_our_own_headings():
    found = table([["*站点名称", "地址"], ["甲", "一路"], ["【示例】五华驿站", "人民中路"]])
    assert kinds(found) == [(2, "data"), (3, "sample")]


def test_two_lists_side_by_side_are_two_lists_and_the_second_is_named():
    rows = [
        ["五华区", "", "", "", "盘龙区", "", ""],
        ["序号", "名称", "地址", "", "序号", "名称", "地址"],
        ["1", "甲", "一路", "", "1", "丙", "三路"],
        ["2", "乙", "二路", "", "", "", ""],
    ]
    left, right = tables(rows)
    assert kinds(left) == [(3, "data"), (4, "data")] and kinds(right) == [(3, "data")]
    assert [heading.column for heading in right.headings if heading.text] == ["E", "F", "G"]
    assert codes(left) == [("other-tables", None)]
    with translation.override("en"):
        told = tables(rows)[0].problems[0].message
    assert "2. 盘龙区（E–G）: 1 rows" in told and "五华区" not in told


def test_headings_that_begin_anew_without_a_gap_are_a_second_list():
    rows = [["名称", "地址", "名称", "地址"], ["甲", "一路", "乙", "二路"]]
    assert [kinds(found) for found in tables(rows)] == [[(2, "data")], [(2, "data")]]


def test_a_blank_column_inside_a_list_divides_nothing():
    found = tables([["名称", "地址", "", "电话", "开放时间"], ["甲", "一路", "", "1", "8:00-18:00"]])
    assert len(found) == 1 and fields(found[0]) == ["name", "address", None, "phone", "opening_hours"]


def test_a_line_of_units_belongs_to_the_headings():
    found = table([["名称", "地址", "WiFi"], ["", "（详细到门牌号）", "（个）"], ["甲", "一路", "1"]])
    assert kinds(found) == [(3, "data")] and found.header_rows == (1, 2)
    assert [heading.text for heading in found.headings] == ["名称", "地址（详细到门牌号）", "WiFi（个）"]
    assert fields(found) == ["name", "address", "wifi"]


def test_three_rows_of_headings_are_joined_to_the_lowest_and_its_nearest_group():
    rows = [
        ["序号", "驿站名称", "设施", "", "", "开放时间", ""],
        ["序号", "驿站名称", "饮水", "", "", "开始", "结束"],
        ["序号", "驿站名称", "饮水机", "热水壶", "AED", "开始", "结束"],
        [1, "甲站", "有", "无", "有", "8:00", "20:00"],
    ]
    merged = [Merge(0, 0, 2, 0), Merge(0, 1, 2, 1), Merge(0, 2, 0, 4), Merge(1, 2, 1, 3), Merge(0, 5, 0, 6)]
    found = table(rows, merged)
    assert found.header_rows == (1, 2, 3) and kinds(found) == [(4, "data")]
    names = [heading.text for heading in found.headings]
    assert names[:2] == ["序号", "驿站名称"]
    assert names[2:5] == ["饮水/饮水机", "饮水/热水壶", "设施/AED"]
    assert names[5:] == ["开放时间/开始", "开放时间/结束"]


def test_the_title_of_a_continued_page_is_no_row():
    rows = [["驿站名单"], ["名称", "地址"], ["甲站", "a"], ["驿站名单（续表）"], ["名称", "地址"], ["乙站", "b"]]
    assert kinds(table(rows)) == [(3, "data"), (6, "data")]


def test_who_issued_a_list_and_when_are_no_stations():
    rows = [
        ["名称", "地址", "经度"],
        ["甲站", "a", 10],
        ["（此件公开发布）", "", ""],
        ["合计", "", 10],
        ["", "五华区总工会", ""],
        ["二〇二四年五月", "", ""],
    ]
    expected = [(2, "data"), (3, "note"), (4, "total"), (5, "note"), (6, "note")]
    assert kinds(table(rows)) == expected
    # The same rows in a workbook that went back to the clerk have more cells, and are what they were.
    returned = [[*rows[0], "原行号", "问题"], *([*row, number, "不是记录"] for number, row in enumerate(rows[1:], 2))]
    assert kinds(table(returned)) == expected


def test_a_bare_list_of_unions_keeps_its_last_one():
    rows = [["名称", "地址", "编号"], ["盘龙区总工会", "", ""], [], ["五华区总工会", "", ""]]
    assert kinds(table(rows)) == [(2, "data"), (4, "data")]
