"""A file of any kind becomes a book with the spreadsheet's own rows, or is refused with a clear reason."""

import io
import os
import random
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from unionportal.sheets import problems
from unionportal.sheets.problems import CODES, Code, SheetFileError, problem, register_codes
from unionportal.sheets.reading import (
    Book,
    ErrorValue,
    FormulaWithoutValue,
    column_index,
    column_letter,
    read_file,
)

FILES = Path(__file__).parent / "files"
ROUNDS = 500 if os.environ.get("PORTAL_SOAK") == "1" else 10


def read(content: bytes, name: str = "list.csv") -> Book:
    return read_file(io.BytesIO(content), name)


def refusal(content: bytes, name: str = "list.csv") -> str:
    with pytest.raises(SheetFileError) as caught:
        read(content, name)
    return caught.value.problem.code


def workbook(fill) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def plain_workbook() -> bytes:
    return workbook(lambda sheet: [sheet.append(row) for row in (["名称", "地址"], ["五华驿站", "人民中路"])])


def repacked(content: bytes, change) -> bytes:
    """A workbook whose parts went through ``change(name, bytes)``."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
    return file.getvalue()


class TestWorkbooks:
    def test_blank_rows_keep_the_numbers_of_the_rows_below(self):
        def fill(sheet):
            sheet["B3"], sheet["C5"] = "名称", "五华驿站"

        sheet = read(workbook(fill)).sheets[0]
        assert [len([c for c in row if c != ""]) for row in sheet.rows] == [0, 0, 1, 0, 1]
        assert sheet.rows[2][1] == "名称" and sheet.rows[4][2] == "五华驿站" and sheet.first_row == 1

    def test_a_district_merged_over_its_rows_is_filled_down_but_not_into_blank_rows(self):
        def fill(sheet):
            for row in (["区", "名称"], ["官渡区", "甲"], [None, "乙"], [None, None], [None, "丙"]):
                sheet.append(row)
            sheet.merge_cells("A2:A5")

        rows = read(workbook(fill)).sheets[0].rows
        assert [row[0] for row in rows] == ["区", "官渡区", "官渡区", "", "官渡区"]

    def test_a_title_merged_across_stays_in_its_first_cell_and_is_known_as_merged(self):
        def fill(sheet):
            sheet.append(["昆明市工会驿站名单"])
            sheet.append(["名称", "地址", "电话"])
            sheet.merge_cells("A1:C1")

        sheet = read(workbook(fill)).sheets[0]
        assert sheet.rows[0] == ["昆明市工会驿站名单", "", ""]
        assert sheet.merged == [(0, 0, 0, 2)]

    def test_a_formula_without_a_saved_result_does_not_vanish(self):
        cell = read(workbook(lambda sheet: sheet.append(["驿站", "=1+2"]))).sheets[0].rows[0][1]
        assert isinstance(cell, FormulaWithoutValue) and cell == "=1+2"

    def test_a_formula_in_the_last_row_of_blank_results_does_not_vanish(self):
        rows = (
            read(workbook(lambda sheet: [sheet.append(["驿站", "面积"]), sheet.append(["=A1", "=B1"])])).sheets[0].rows
        )
        assert [type(cell) for cell in rows[1]] == [FormulaWithoutValue, FormulaWithoutValue]

    def test_a_formula_whose_result_is_an_empty_text_is_a_blank_cell(self):
        def as_saved_by_excel(name, data):
            return data.replace(b'<c r="B1"><f>', b'<c r="B1" t="str"><f>')

        content = workbook(lambda sheet: sheet.append(["驿站", '=IF(A2="","",A2)']))
        assert read(repacked(content, as_saved_by_excel)).sheets[0].rows[0][1] == ""

    def test_an_error_value_is_marked(self):
        cell = read(workbook(lambda sheet: sheet.append(["驿站", "#N/A"]))).sheets[0].rows[0][1]
        assert isinstance(cell, ErrorValue) and cell == "#N/A"

    def test_hidden_sheets_are_read_and_known_as_hidden(self):
        book = openpyxl.Workbook()
        book.active.append(["名称"])
        book.create_sheet("旧").append(["废"])
        book["旧"].sheet_state = "hidden"
        file = io.BytesIO()
        book.save(file)
        assert [(sheet.name, sheet.hidden) for sheet in read(file.getvalue()).sheets] == [
            ("Sheet", False),
            ("旧", True),
        ]

    def test_an_old_xls_is_read_whatever_its_name(self):
        book = xlwt.Workbook()
        sheet = book.add_sheet("名单")
        sheet.write(0, 0, "名称")
        sheet.write(1, 0, "五华驿站")
        sheet.write_merge(1, 2, 1, 1, "五华区")
        sheet.write(2, 0, "翠湖驿站")
        file = io.BytesIO()
        book.save(file)
        found = read(file.getvalue(), "名单.csv")
        assert found.kind == "xls"
        assert found.sheets[0].rows == [["名称", ""], ["五华驿站", "五华区"], ["翠湖驿站", "五华区"]]

    def test_an_xlsx_named_xls_is_read_by_its_content(self):
        assert read(plain_workbook(), "名单.xls").kind == "xlsx"

    def test_an_open_document_fills_merged_cells_down(self):
        document = OpenDocumentSpreadsheet()
        table = Table(name="名单")
        for cells in ((("五华区", 2), ("甲", 1)), (None, ("乙", 1))):
            row = TableRow()
            for cell in cells:
                if cell is None:
                    row.addElement(CoveredTableCell())
                    continue
                node = TableCell(valuetype="string", numberrowsspanned=cell[1], numbercolumnsspanned=1)
                node.addElement(P(text=cell[0]))
                row.addElement(node)
            table.addElement(row)
        document.spreadsheet.addElement(table)
        file = io.BytesIO()
        document.save(file)
        assert read(file.getvalue()).sheets[0].rows == [["五华区", "甲"], ["五华区", "乙"]]


class TestTextFiles:
    @pytest.mark.parametrize(("usual", "rarer"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8-sig", "gb18030")])
    def test_lists_of_two_encodings_pasted_together_are_refused_with_the_lines_of_the_rarer(self, usual, rarer):
        content = "名称,地址\r\n甲路工会驿站,甲路1号\r\n丙路工会驿站,丙路3号\r\n".encode(usual)
        content += "乙路工会驿站,乙路2号\r\n".encode(rarer)
        with pytest.raises(SheetFileError) as refused:
            read(content)
        assert refused.value.problem.code == "text-encodings-mixed"
        assert "4" in refused.value.problem.message and "路" not in refused.value.problem.message

    def test_a_short_line_that_is_text_in_both_encodings_mixes_nothing(self):
        content = "名称,地址\n联通,甲路1号\n联通\n".encode("gb18030")
        assert read(content).sheets[0].rows[1:] == [["联通", "甲路1号"], ["联通"]]

    def test_gb_18030_behind_the_mark_of_utf_8_loses_the_mark_and_nothing_else(self):
        content = b"\xef\xbb\xbf" + "名称,地址\n甲,一路\n".encode("gb18030")
        assert read(content).sheets[0].rows == [["名称", "地址"], ["甲", "一路"]]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_the_usual_encodings_give_the_same_rows(self, encoding):
        content = "名称,地址\r\n五华驿站,人民中路㎡\r\n".encode(encoding)
        assert read(content).sheets[0].rows == [["名称", "地址"], ["五华驿站", "人民中路㎡"]]

    @pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
    def test_the_separator_is_found(self, delimiter):
        text = "\n".join(
            delimiter.join(row) for row in (["名称", "地址", "电话"], ["甲", "一路", "1"], ["乙", "二路", "2"])
        )
        assert read(text.encode()).sheets[0].rows[2] == ["乙", "二路", "2"]

    def test_commas_inside_sentences_do_not_split_a_list_of_one_column(self):
        content = "驿站\n华山驿站\n翠湖驿站,位于翠湖边\n青云驿站\n联盟驿站\n金碧驿站\n".encode()
        assert all(len(row) <= 2 for row in read(content).sheets[0].rows)

    def test_a_line_break_inside_quotes_is_part_of_the_cell(self):
        rows = read('名称,时间\n甲,"8:30-11:00\n13:30-17:00"\n乙,全天\n'.encode()).sheets[0].rows
        assert rows[1] == ["甲", "8:30-11:00\n13:30-17:00"] and rows[2][0] == "乙"

    def test_a_blank_line_counts_as_a_row(self):
        assert read("名称,地址\n\n甲,一路\n".encode()).sheets[0].rows == [
            ["名称", "地址"],
            [],
            ["甲", "一路"],
        ]

    def test_plain_quotation_marks_in_a_name_do_no_harm(self):
        assert read('名称,地址\n"红雁塔"电视塔驿站,雁塔路\n'.encode()).sheets[0].rows[1] == [
            "红雁塔电视塔驿站",
            "雁塔路",
        ]

    def test_an_unclosed_quotation_mark_does_not_swallow_the_rest_unseen(self):
        content = '名称,地址\n"甲,一路\n乙,二路\n'.encode()
        assert refusal(content) == "quote-unclosed"
        assert refusal(content + b"x,y\n" * 50_000) == "quote-unclosed"

    def test_a_cell_of_three_million_characters_is_named_as_what_it_is(self):
        content = f'名称,备注\n甲,一\n乙,"{"长" * 3_000_000}"\n丙,三\n'.encode()
        with pytest.raises(SheetFileError) as refused:
            read(content)
        assert refused.value.problem.code == "cell-too-long"
        assert refused.value.problem.message.startswith("单元格B3")

    def test_excels_own_separator_line_is_no_row(self):
        assert read("sep=;\n名称;地址\n".encode()).sheets[0].rows == [["名称", "地址"]]

    def test_error_words_in_a_csv_are_marked(self):
        assert isinstance(read("名称,面积\n甲,#REF!\n".encode()).sheets[0].rows[1][1], ErrorValue)

    @pytest.mark.parametrize("path", sorted((FILES / "real").glob("*.csv")), ids=lambda path: path.stem)
    def test_real_lists_are_read_to_the_last_row(self, path):
        book = read_file(path)
        assert book.encoding == "utf-8-sig" and len(book.sheets[0].rows) >= 7
        assert "\ufeff" not in book.sheets[0].rows[0][0]


class TestMarkup:
    def test_a_web_page_named_xls_is_read(self):
        page = (
            '<html><head><meta charset="gb2312"></head><body><table><tr><td colspan="2">驿站名单</td></tr>'
            "<tr><th>区</th><th>名称</th></tr><tr><td rowspan=2>五华区</td><td>甲<br>站</td></tr>"
            "<tr><td>乙</td></tr></table>"
        )
        book = read(page.encode("gb18030"), "名单.xls")
        assert book.kind == "html" and book.encoding == "gb18030"
        assert book.sheets[0].rows[1:] == [["区", "名称"], ["五华区", "甲\n站"], ["五华区", "乙"]]

    def test_a_web_page_without_a_table_is_refused(self):
        assert refusal("<html><body>登录超时</body></html>".encode(), "名单.xls") == "file-markup-unreadable"

    def test_an_xml_spreadsheet_of_2003_is_read_with_its_own_row_numbers(self):
        book = read((FILES / "spreadsheet_2003.xls").read_bytes(), "名单.xls")
        assert book.kind == "xml"
        assert book.sheets[0].rows == [["名称", "面积"], [], [], ["五华驿站", 30.0]]


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "file-empty"),
            (b"  \r\n ", "file-empty"),
            (b"%PDF-1.7 ...", "file-not-spreadsheet"),
            (b"\x89PNG\r\n\x1a\n", "file-not-spreadsheet"),
            (b'{"name": 1}', "file-not-spreadsheet"),
            (b"a,b\n\x00\x01\x02", "file-not-spreadsheet"),
            (b"\xff\xfea\xd8", "text-undecodable"),
            (b"a,b\n\xff\xff\xff\xff", "text-undecodable"),
            (b"PK\x03\x04 cut off", "file-damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file-damaged"),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage\0".encode("utf-16-le"),
                "file-encrypted",
            ),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument\0".encode("utf-16-le"),
                "file-not-spreadsheet",
            ),
            (b",,,\n,,,\n", "sheets-missing"),
            (b"a," * 600, "too-many-columns"),
            (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>', "file-not-spreadsheet"),
        ],
    )
    def test_what_is_no_list_is_refused_with_its_own_code(self, content, code):
        assert refusal(content) == code

    def test_half_a_workbook_is_damaged(self):
        content = plain_workbook()
        assert refusal(content[: len(content) // 2]) == "file-damaged"

    def test_a_workbook_without_any_cell_has_no_sheets(self):
        assert refusal(workbook(lambda sheet: None)) == "sheets-missing"

    def test_a_zip_of_photographs_is_no_spreadsheet(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("1.jpg", b"x")
        assert refusal(file.getvalue()) == "file-not-spreadsheet"

    def test_a_word_document_is_named_as_such(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("word/document.xml", b"<x/>")
        with pytest.raises(SheetFileError, match="Word"):
            read(file.getvalue(), "名单.xlsx")

    def test_a_file_over_the_size_limit_is_refused_unread(self, settings):
        settings.SHEETS_MAX_BYTES = 1024
        assert refusal(b"a,b\n" * 1000) == "file-too-large"

    def test_a_zip_bomb_is_refused_before_it_is_unpacked(self):
        def inflate(name, data):
            return data + b" " * 200_000_000 if name.endswith("sheet1.xml") else data

        assert refusal(repacked(plain_workbook(), inflate)) == "file-too-complex"

    def test_entities_are_refused(self):
        def add_doctype(name, data):
            return data.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet', 1)

        assert refusal(repacked(plain_workbook(), add_doctype)) == "file-unsafe"

    def test_two_cells_at_the_corners_of_the_grid_do_not_kill_the_reader(self):
        """Seventeen thousand million cells between them: the parser aborts, the portal does not."""

        def far_apart(name, data):
            return data.replace(b'r="B2"', b'r="XFD1048576"') if name.endswith("sheet1.xml") else data

        assert refusal(repacked(plain_workbook(), far_apart)) in {"file-too-complex", "too-many-columns"}


class TestProblems:
    def test_an_unknown_code_is_a_programming_error(self):
        with pytest.raises(LookupError):
            problem("no-such-code")

    def test_a_code_may_be_added_but_not_changed(self, monkeypatch):
        monkeypatch.setattr(problems, "CODES", dict(CODES))
        register_codes({"bed-missing": Code("No bed.", "Add one.")})
        assert problem("bed-missing", row=3).message.startswith("No bed.")
        with pytest.raises(ValueError):
            register_codes({"bed-missing": Code("Another meaning.", "")})

    def test_every_code_gives_a_message_and_a_known_level(self):
        for code, entry in CODES.items():
            words = dict.fromkeys(re.findall(r"%\((\w+)\)", f"{entry.cause}{entry.remedy}"), 1)
            assert entry.level in ("error", "warning", "note")
            assert problem(code, **words).message

    def test_the_dict_has_the_agreed_keys_and_the_value_as_found(self):
        found = problem("number-unreadable", row=7, column="C", heading="面积", field="area", value="三" * 100)
        assert list(found.as_dict()) == [
            "row",
            "column",
            "heading",
            "field",
            "level",
            "code",
            "message",
            "value",
        ]
        assert found.as_dict()["value"] == "三" * 100 and "三" * 50 not in found.message

    def test_column_letters_go_both_ways(self):
        for index in (0, 25, 26, 51, 701, 702, 16383):
            assert column_index(column_letter(index)) == index
        assert column_letter(26) == "AA"


def mutations(content: bytes, seed: int) -> bytes:
    """The file with some bytes changed, a piece cut out or doubled."""
    dice = random.Random(seed)
    data = bytearray(content)
    for _round in range(dice.randint(1, 8)):
        place = dice.randrange(len(data))
        length = dice.randint(1, 40)
        match dice.randrange(4):
            case 0:
                data[place] = dice.randrange(256)
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = data[place : place + length]
            case 3:
                data[place : place + length] = bytes(dice.randrange(256) for _ in range(length))
        data = data or bytearray(b"x")
    return bytes(data)


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for row in range(20):
        sheet.write(row, 0, f"驿站{row}")
        sheet.write(row, 1, row * 1.5)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def damaged_inside(seed: int) -> bytes:
    """A sound zip around damaged XML: the archive's checksums hide nothing from the parser."""
    return repacked(plain_workbook(), lambda name, data: mutations(data, seed) if name.endswith("sheet1.xml") else data)


SAMPLES = {
    "xlsx": lambda seed: mutations(plain_workbook(), seed),
    "xlsx-inside": damaged_inside,
    "xls": lambda seed: mutations(old_workbook(), seed),
    "csv": lambda seed: mutations((FILES / "real" / "duchang_1.csv").read_bytes(), seed),
    "html": lambda seed: mutations(b"<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>", seed),
}


@pytest.mark.soak
@pytest.mark.parametrize("sample", SAMPLES)
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused_but_never_breaks_the_portal(sample, seed):
    try:
        assert isinstance(read(SAMPLES[sample](seed)), Book)
    except SheetFileError as error:
        assert error.problem.message
