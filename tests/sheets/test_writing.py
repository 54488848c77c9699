"""What goes out can't run as a formula, loses no digit, and comes back in."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unionportal.sheets.headings import match_headings
from unionportal.sheets.problems import problem
from unionportal.sheets.reading import Book, RawSheet, read_file
from unionportal.sheets.reading.book import Merge
from unionportal.sheets.tables import find_tables
from unionportal.sheets.writing import (
    PROBLEM_HEADING,
    TemplateColumn,
    csv_cell,
    write_csv,
    write_problem_workbook,
    write_template,
    write_xlsx,
)

SYNONYMS = {"name": ["名称"], "area": ["面积"], "kind": ["类型"], "phone": ["电话"]}


def written(write, *args, **kwargs) -> io.BytesIO:
    file = io.BytesIO()
    write(file, *args, **kwargs)
    file.seek(0)
    return file


def test_an_exported_list_comes_back_as_it_was():
    rows = [["甲", 30.5, dt.date(2023, 2, 1), True], ["乙", None, None, False]]
    file = written(write_xlsx, "名单[1]", ["名称", "面积", "日期", "开放"], rows)
    sheet = read_file(file).sheets[0]
    assert sheet.name == "名单1"
    assert sheet.rows[1:] == [["甲", 30.5, dt.date(2023, 2, 1), "是"], ["乙", "", "", "否"]]


def test_an_empty_list_still_has_its_headings_and_the_count_is_returned():
    assert read_file(written(write_xlsx, "a", ["名称"], [])).sheets[0].rows == [["名称"]]
    assert write_xlsx(io.BytesIO(), "a", ["名称"], [["甲"], ["乙"]]) == 2
    assert write_csv(io.BytesIO(), ["名称"], [["甲"], ["乙"]]) == 2


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
def test_text_never_becomes_a_live_formula(text):
    cell = openpyxl.load_workbook(written(write_xlsx, "a", ["名称"], [[text]])).active["A2"]
    assert cell.data_type == "s"
    assert csv_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["-3.5", "+8613800138000", "+86 871-65123456", "-", "驿站=家", "1+1"])
def test_telephones_and_negative_numbers_stay_as_they_are(text):
    assert csv_cell(text) == text


def test_long_digit_strings_stay_text():
    cell = openpyxl.load_workbook(written(write_xlsx, "a", ["证号"], [["110101199001011234"]])).active["A2"]
    assert (cell.value, cell.data_type) == ("110101199001011234", "s")


def test_a_csv_opens_in_excel_as_chinese():
    content = written(write_csv, ["名称"], [['五华,"驿站"\n']]).getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1] == ['五华,"驿站"\n']


def test_rows_are_streamed_from_a_generator():
    assert write_csv(io.BytesIO(), ["n"], ([i] for i in range(50_000))) == 50_000


COLUMNS = [
    TemplateColumn("名称", "全称", required=True, example="五华驿站"),
    TemplateColumn("类型", choices=["驿站", "司机之家"], example="驿站"),
    TemplateColumn("电话", text_format=True, example="087165123456"),
    TemplateColumn("区县", choices=[f"第{i}个很长的区县名称" for i in range(60)]),
]


def test_a_template_handed_in_as_it_is_gives_no_entry_and_a_note():
    table = find_tables(read_file(written(write_template, COLUMNS)), SYNONYMS)[0]
    assert table.row_count == 0
    assert [found.code for found in table.problems] == ["example-row"]
    assert [match.field for match in match_headings(table.headings, SYNONYMS)] == [
        "name",
        "kind",
        "phone",
        None,
    ]


def test_a_template_has_drop_downs_comments_and_a_guide():
    book = openpyxl.load_workbook(written(write_template, COLUMNS))
    sheet = book.worksheets[0]
    sources = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert sources == ['"驿站,司机之家"', "选项!$A$2:$A$61"]
    assert book["选项"].sheet_state == "hidden" and book["选项"]["A61"].value == "第59个很长的区县名称"
    assert sheet["A1"].comment.text == "全称" and sheet["A1"].value == "*名称"
    assert sheet["C2"].value == "087165123456"
    assert "填写说明" in book.sheetnames


def returned(**kwargs):
    rows = [["驿站名单"], ["名称", "面积"], ["甲", "三十"], ["乙", 20.0], ["=丙", dt.date(2023, 1, 1)]]
    table = find_tables(Book([RawSheet("s", rows)]), SYNONYMS)[0]
    problems = [
        problem("number-unreadable", row=3, column="B", heading="面积", value="三十"),
        problem("value-approximate", row=4, column="B", heading="面积", value="20"),
        problem("number-unreadable", row=5, column="B", heading="面积", value="2023-01-01"),
    ]
    file = io.BytesIO()
    count = write_problem_workbook(file, table, problems, **kwargs)
    return count, openpyxl.load_workbook(file).active


def test_rejected_rows_go_back_with_their_problems_beside_them():
    count, sheet = returned()
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert count == 2
    assert values[0] == ["名称", "面积", "原行号", PROBLEM_HEADING]
    assert values[1][:3] == ["甲", "三十", 3] and "三十" in values[1][3]
    assert values[2][:3] == ["=丙", dt.datetime(2023, 1, 1), 5]  # noqa: DTZ001 (a spreadsheet has no zones)
    assert sheet["A3"].data_type == "s"


def test_the_offending_cell_is_coloured_and_commented_and_no_other():
    _count, sheet = returned()
    assert sheet["B2"].fill.fgColor.rgb == "FFF9C9C4" and "三十" in sheet["B2"].comment.text
    assert sheet["A2"].comment is None and sheet["A2"].fill.fill_type is None


def test_the_caller_may_name_the_rows_to_return():
    count, sheet = returned(only={("", 4)})
    assert count == 1 and sheet["A2"].value == "乙" and sheet["C2"].value == 4


def read_back(file: io.BytesIO) -> Book:
    return read_file(io.BytesIO(file.getvalue()), "更正.xlsx")


def test_headings_of_two_lines_go_back_as_two_lines_and_are_read_as_before():
    rows = [["名称", "联系方式", "", "面积"], ["名称", "站长", "电话", "面积"], ["甲", "演示某", "1", "三十"]]
    merged = [Merge(0, 0, 1, 0), Merge(0, 1, 0, 2), Merge(0, 3, 1, 3)]
    words = {**SYNONYMS, "keeper": ["站长"], "phone": ["电话", "联系方式"]}
    before = find_tables(Book([RawSheet("五华区", rows, merged=merged)]), words)[0]
    file = io.BytesIO()
    write_problem_workbook(file, before, [problem("number-unreadable", row=3, column="D", value="三十")])
    (after,) = find_tables(read_back(file), words)
    assert [heading.text for heading in after.headings[:4]] == [heading.text for heading in before.headings]
    assert [heading.text for heading in after.headings[4:]] == ["原行号", PROBLEM_HEADING]
    assert [line.values[:4] for line in after.rows()] == [["甲", "演示某", "1", "三十"]]


def test_rows_of_several_sheets_go_back_to_sheets_of_the_same_names():
    rows = [["名称", "面积"], ["甲", "三十"], ["乙", "20"], ["丙", "四十"]]
    long = "昆明市五华区总工会户外劳动者服务站点建设情况统计表"
    sheets = [
        RawSheet(name, rows) for name in ("五华区", "盘龙区", f"{long}（第一季度）第一页", f"{long}（第一季度）第二页")
    ]
    table = find_tables(Book(sheets), SYNONYMS)[0]
    file = io.BytesIO()
    wrong = [problem("number-unreadable", row=row, column="B", sheet=sheet.name) for sheet in sheets for row in (2, 4)]
    assert write_problem_workbook(file, table, wrong) == 8
    book = openpyxl.load_workbook(file)
    assert book.sheetnames[:2] == ["五华区", "盘龙区"] and len(book.sheetnames) == 4
    assert [[cell.value for cell in row][:3] for row in book["盘龙区"].iter_rows(min_row=2)] == [
        ["甲", "三十", 2],
        ["丙", "四十", 4],
    ]
    (again,) = find_tables(read_back(file), SYNONYMS)
    assert again.row_count == 8


def test_what_keeps_a_row_out_is_the_first_thing_said_of_it():
    table = find_tables(Book([RawSheet("s", [["名称", "面积"], ["甲", "约三十"]])]), SYNONYMS)[0]
    noted = problem("text-cleaned", row=2, column="A")
    error = problem("number-unreadable", row=2, column="B", value="约三十")
    file = io.BytesIO()
    write_problem_workbook(file, table, [noted, error])
    assert openpyxl.load_workbook(file).active["D2"].value.split("\n") == [error.message, noted.message]


values = st.one_of(
    st.text(max_size=40),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(min_value=dt.date(1900, 3, 1)),
)


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(st.lists(values, min_size=1, max_size=4), max_size=5))
def test_any_value_can_be_written(rows):
    write_csv(io.BytesIO(), ["a"], rows)
    write_xlsx(io.BytesIO(), "a", ["a"], rows)
