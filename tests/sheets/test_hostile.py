"""Files that mean harm, or come from a broken machine: each is read for what it is worth or refused by its own code, in
bounded time and memory. `tests/sheets/test_reading.py` has more of them.
"""

import datetime
import io
import os
import random
import resource
import struct
import time
import zipfile

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Member
from members.reference import load_reference
from tests.factories import make_federation
from tests.sheets.test_reading import mutations, plain_workbook, read, refusal, repacked, workbook
from unionportal.organizations.reference import load_divisions
from unionportal.sheets.examination import examine
from unionportal.sheets.problems import SheetFileError
from unionportal.sheets.resources import Context, Outcome, resource_for

ROUNDS = 400 if os.environ.get("PORTAL_SOAK") == "1" else 8
MEGABYTE = 1024**2


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet holds `xml` between <sheetData> and its end."""
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet = head + xml + b"</sheetData></worksheet>"
    return repacked(plain_workbook(), lambda name, data: sheet if name.endswith("sheet1.xml") else data)


def declared_small(content: bytes) -> bytes:
    """The archive with every entry's unpacked size declared as 100 bytes, where it is more."""
    data = bytearray(content)
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.find(signature)
        while at >= 0:
            (size,) = struct.unpack_from("<I", data, at + offset)
            struct.pack_into("<I", data, at + offset, min(size, 100))
            at = data.find(signature, at + 4)
    return bytes(data)


def compound_file(*streams: str) -> bytes:
    """The beginning of an OLE container with directory entries of these names, as Office writes them."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return header + b"".join((name + "\0").encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))


class TestSize:
    def test_gigabytes_of_empty_rows_are_refused_before_they_are_unpacked(self):
        rows = b'<row r="1"/>' * 20_000_000
        start = time.monotonic()
        content = with_sheet(rows)
        del rows
        packed = time.monotonic() - start
        assert len(content) < 2 * MEGABYTE
        start = time.monotonic()
        assert refusal(content, "名单.xlsx") == "file-too-complex"
        assert time.monotonic() - start < max(packed, 1)

    def test_a_bomb_that_lies_about_its_size_is_refused(self):
        content = declared_small(with_sheet(b'<row r="1"/>' * 8_000_000))
        assert refusal(content, "名单.xlsx") in {"file-damaged", "file-too-complex"}

    def test_rows_far_below_the_list_cost_no_memory(self):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        far = b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>' + b"".join(
            b'<row r="%d"/>' % number for number in range(2, 500_000)
        )
        assert [len(sheet.rows) for sheet in read(with_sheet(far)).sheets] == [1]
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024

    def test_sixteen_thousand_columns_are_refused_by_name(self):
        assert refusal(workbook(lambda sheet: sheet.append(["名称"] * 16_000))) == "too-many-columns"
        assert refusal(("名称," * 16_000).encode()) == "too-many-columns"

    def test_columns_that_only_look_filled_are_no_columns(self):
        found = read(workbook(lambda sheet: sheet.append(["名称", *[""] * 2_000])))
        assert [cell for cell in found.sheets[0].rows[0] if cell != ""] == ["名称"]

    def test_an_open_document_that_repeats_a_row_a_thousand_million_times_is_refused(self):
        body = (
            '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            '<table:table table:name="a"><table:table-row table:number-rows-repeated="1000000000">'
            '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
            "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
            "</office:document-content>"
        )
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", body)
        codes = {"file-too-complex", "too-many-rows", "file-damaged", "too-many-columns", "file-takes-too-long"}
        assert refusal(file.getvalue(), "名单.ods") in codes


class TestContent:
    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
    def test_an_external_entity_is_never_fetched(self, part):
        entity = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

        def add(name, data):
            return entity + data if name == part else data

        assert refusal(repacked(plain_workbook(), add), "名单.xlsx") == "file-unsafe"

    def test_a_list_in_a_workbook_with_macros_is_read_and_the_macros_are_not(self):
        file = io.BytesIO(plain_workbook())
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("xl/vbaProject.bin", compound_file("VBA"))
        assert read(file.getvalue(), "名单.xlsm").sheets[0].rows[1] == ["五华驿站", "人民中路"]

    def test_a_formula_is_never_worked_out(self):
        cell = read(workbook(lambda sheet: sheet.append(["名称", "=cmd|' /C calc'!A0"]))).sheets[0].rows[0][1]
        assert cell == "=cmd|' /C calc'!A0"
        assert type(cell).__name__ == "FormulaWithoutValue"

    def test_an_xls_called_xlsx_is_read_for_what_it_is(self):
        book = xlwt.Workbook()
        book.add_sheet("名单").write(0, 0, "名称")
        file = io.BytesIO()
        book.save(file)
        assert read(file.getvalue(), "名单.xlsx").kind == "xls"

    @pytest.mark.parametrize(
        ("streams", "code"),
        [
            (("EncryptedPackage", "EncryptionInfo"), "file-encrypted"),
            (("WordDocument",), "file-not-spreadsheet"),
            ((), "file-damaged"),
        ],
    )
    def test_a_container_says_what_it_is(self, streams, code):
        assert refusal(compound_file(*streams), "名单.xlsx") == code

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
    def test_a_file_cut_off_anywhere_is_damaged(self, share):
        content = plain_workbook()
        assert refusal(content[: int(len(content) * share)], "名单.xlsx") == "file-damaged"

    def test_control_characters_in_a_csv_are_no_text(self):
        assert refusal("名称\n甲\x07站\n".encode()) == "file-not-spreadsheet"


# --- Through the whole examination ----------------------------------------------------------------------------------


@pytest.fixture
def city(db):
    load_divisions()
    load_reference()
    return make_federation()


HEADINGS = ["姓名", "身份证号", "手机号码", "性别", "出生日期", "民族", "所属工会", "入会时间", "备注"]


def good_workbook() -> bytes:
    def fill(sheet):
        sheet.append(HEADINGS)
        for number in range(12):
            sheet.append(
                [f"演示·张{number}", "", f"100000000{number:02}", "男", "", "汉族", "", datetime.date(2024, 5, 1), "无"]
            )

    return workbook(fill)


def shuffled_cells(seed: int) -> bytes:
    """The good workbook with some of its cells replaced by what nobody expects there."""
    dice = random.Random(seed)
    strange = [
        *(1e308, -1, 0, 0.1, 530102198501019977.0, True, datetime.date(1900, 1, 1), datetime.time(8), "=1/0"),
        *("#N/A", "'=1+1", "x" * 32_000, "\u202e演示", "_x0000_", "０" * 18, "5.30102E+17", "１３８００１３８０００.0"),
        *("是\n否", "2023.13.45", "９９９９９９９９", "NaN", "inf", "1e9999", "٣٤", "²", "男" * 100, "\ud83d\ude00"),
    ]
    book = openpyxl.load_workbook(io.BytesIO(good_workbook()))
    sheet = book.active
    for _round in range(dice.randint(1, 30)):
        cell = sheet.cell(dice.randint(1, 14), dice.randint(1, len(HEADINGS) + 1))
        cell.value = dice.choice(strange)
    if dice.random() < 0.2:
        sheet.merge_cells(start_row=2, end_row=5, start_column=1, end_column=2)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def damaged_bytes(seed: int) -> bytes:
    return mutations(good_workbook(), seed)


def damaged_parts(seed: int) -> bytes:
    dice = random.Random(seed)
    return repacked(good_workbook(), lambda _name, data: mutations(data, seed) if dice.random() < 0.4 else data)


@pytest.mark.soak
@pytest.mark.parametrize("damage", [shuffled_cells, damaged_parts, damaged_bytes])
@settings(
    max_examples=ROUNDS, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=ROUNDS < 100
)
@given(seed=st.integers(0, 2**32))
def test_a_good_list_gone_wrong_is_read_or_refused_and_every_row_is_counted(city, damage, seed):
    try:
        found = examine(io.BytesIO(damage(seed)), "名单.xlsx", resource_for("members"), Context(city))
    except SheetFileError as error:
        assert error.problem.message
        return
    counts = found.counts
    assert counts.pop("rows") == sum(counts.values()) == len(found.rows)
    assert all(row.problems for row in found.rows if row.outcome is Outcome.REJECTED)
    good = [row for row in found.rows if row.outcome is Outcome.CREATED]
    found.resource.save(good, by=None)
    assert Member.objects.count() == len(good)
    Member.objects.all().delete()
