"""A cell is read as a person would read it, and refused where a person could only guess."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionportal.sheets.cells import (
    PARTIAL,
    SQUARE_METRES,
    clean_date,
    clean_digits,
    clean_integer,
    clean_number,
    clean_text,
    clean_yes_no,
    is_blank,
    parse_quantity,
)
from unionportal.sheets.problems import CODES
from unionportal.sheets.reading import ErrorValue, FormulaWithoutValue
from unionportal.sheets.rows import masked_text

CLEANERS = (clean_text, clean_number, clean_integer, clean_date, clean_yes_no, clean_digits)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("五华驿站", "五华驿站"),
        ("  五华\u200b驿站\u3000", "五华驿站"),
        ("\u2068五华驿站\u2069", "五华驿站"),
        ("ＡＢ１２３号", "AB123号"),
        ("驿站（一号）：开放，请进！", "驿站（一号）：开放，请进！"),
        ("8:30-11:00\r\n13:30-17:00", "8:30-11:00 13:30-17:00"),
        ("a\xa0 \tb", "a b"),
        (3.0, "3"),
        (3.25, "3.25"),
        (True, "TRUE"),
        (dt.datetime(2023, 2, 1), "2023-02-01"),  # noqa: DTZ001
        (dt.time(8, 30), "08:30"),
        (dt.timedelta(hours=24), "24:00"),
        (None, ""),
    ],
)
def test_text_loses_only_what_nobody_typed_on_purpose(value, text):
    assert clean_text(value)[0] == text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("王某 13812345678", "王某 138****5678"),
        ("138 1234 5678", "138****5678"),
        ("+86 138-1234-5678", "+86 138****5678"),
        ("138.1234.5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("110105 19491231 002x", "110105********002X"),
        ("0871-63123456", "0871-63123456"),
        ("135.12345678", "135.12345678"),
        ("2023-02-01 2024-02-01", "2023-02-01 2024-02-01"),
    ],
)
def test_a_report_masks_a_persons_number_however_it_is_typed(cell, shown):
    assert masked_text(cell) == shown


def test_line_breaks_may_be_kept_and_gaps_in_names_closed():
    assert clean_text(" 甲\r\n乙 ", joiner="\n")[0] == "甲\n乙"
    assert clean_text("张 三", join_chinese=True)[0] == "张三"
    assert clean_text("KFC 驿站", join_chinese=True)[0] == "KFC 驿站"


@pytest.mark.parametrize(
    ("value", "number", "codes"),
    [
        ("1,200", 1200, []),
        ("1，200", 1200, []),
        ("３０", 30, []),
        (30.0, 30, []),
        ("30㎡", 30, ["unit-removed"]),
        ("约30平方米", 30, ["value-approximate", "unit-removed"]),
        ("30平米左右", 30, ["value-approximate", "unit-removed"]),
        ("1.5亩", 1000, ["unit-converted"]),
        ("30人", None, ["unit-unknown"]),
        ("30-50", None, ["number-unreadable"]),
        ("12,5", None, ["number-unreadable"]),
        ("三十多", None, ["number-unreadable"]),
        (True, None, ["number-unreadable"]),
        ("暂无", None, []),
    ],
)
def test_areas_as_people_type_them(value, number, codes):
    assert clean_number(value, SQUARE_METRES) == (number, codes)


def test_a_quantity_keeps_its_unit_and_its_claim():
    assert parse_quantity("200多名") == (Decimal(200), "名", "over")
    assert parse_quantity("1.2万元") == (Decimal(12000), "元", "")
    assert parse_quantity("近20家") == (Decimal(20), "家", "under")


def test_a_whole_number_is_whole():
    assert clean_integer("12个") == (12, ["unit-removed"])
    assert clean_integer(12.5) == (None, ["number-not-whole"])


@pytest.mark.parametrize(
    ("value", "day", "codes"),
    [
        (45000.0, dt.date(2023, 3, 15), ["date-from-serial"]),
        ("2023.2.1", dt.date(2023, 2, 1), []),
        ("2023/2/1", dt.date(2023, 2, 1), []),
        ("2023年2月1日", dt.date(2023, 2, 1), []),
        ("20230201", dt.date(2023, 2, 1), []),
        (20230201.0, dt.date(2023, 2, 1), []),
        ("2023年2月", dt.date(2023, 2, 1), ["date-month-only"]),
        ("2023-02", dt.date(2023, 2, 1), ["date-month-only"]),
        ("2023年", dt.date(2023, 1, 1), ["date-year-only"]),
        ("二〇二三年十二月二十一日", dt.date(2023, 12, 21), []),
        ("二〇二三年十月", dt.date(2023, 10, 1), ["date-month-only"]),
        ("2023-02-01 08:30:00", dt.date(2023, 2, 1), ["date-time-dropped"]),
        (dt.datetime(2023, 2, 1), dt.date(2023, 2, 1), []),  # noqa: DTZ001
        (2023.2, dt.date(2023, 2, 1), ["date-month-only"]),
        # 2023.10 in a numeric cell looks the same
        (2023.1, None, ["date-unreadable"]),
        ("1/2/2023", None, ["date-unreadable"]),
        ("23.2.1", None, ["date-unreadable"]),
        ("2023-02-30", None, ["date-unreadable"]),
        ("长期", None, ["date-unreadable"]),
        ("-", None, []),
    ],
)
def test_dates_in_the_notations_of_offices(value, day, codes):
    assert clean_date(value) == (day, codes)


@pytest.mark.parametrize("value", ["是", "有", "√", "✓", "Y", "yes", "TRUE", "1", 1.0, True, " 已配备 ", "○"])
def test_a_dozen_ways_to_say_yes(value):
    assert clean_yes_no(value)[0] is True


@pytest.mark.parametrize("value", ["否", "无", "没有", "×", "✗", "N", "no", "false", "0", 0, False, "未配备"])
def test_a_dozen_ways_to_say_no(value):
    assert clean_yes_no(value)[0] is False


def test_in_part_blank_and_unreadable_differ():
    assert clean_yes_no("partial") == clean_yes_no("部分") == (PARTIAL, ["yes-partial"])
    assert clean_yes_no("-") == clean_yes_no("") == (None, [])
    assert clean_yes_no("夏季有") == (None, ["yes-no-unreadable"])


@pytest.mark.parametrize(
    ("value", "digits", "codes"),
    [
        (13800138000.0, "13800138000", []),
        ("13800138000.0", "13800138000", ["digits-recovered"]),
        ("1.3800138000E+10", "13800138000", ["digits-recovered"]),
        ("1.38E+10", "", ["digits-lost"]),
        (110101199001011234.0, "", ["digits-lost"]),
        ("138 0013 8000", "13800138000", []),
        ("'13800138000", "13800138000", []),
        ("１３８００１３８０００", "13800138000", ["full-width-converted"]),
        ("0871-65123456", "", ["digits-unreadable"]),
        ("见门牌", "", ["digits-unreadable"]),
        (12.5, "", ["digits-unreadable"]),
        ("暂无", "", []),
    ],
)
def test_numbers_that_are_names_keep_every_digit_or_are_refused(value, digits, codes):
    assert clean_digits(value) == (digits, codes)


def test_further_characters_may_belong_to_a_number():
    assert clean_digits("0871-65123456", keep="-")[0] == "0871-65123456"
    assert clean_digits("11010119900101123x", keep="X")[0] == "11010119900101123X"


@pytest.mark.parametrize("value", ["", " ", "\u3000", "-", "/", "—", "——", "无", "暂无", "N/A", None, "（无）"])
def test_blank_is_what_people_write_for_nothing(value):
    assert is_blank(value)


def test_zero_is_not_blank_and_a_word_may_be_an_answer():
    assert not is_blank(0) and not is_blank("0") and not is_blank(False) and not is_blank("无", words=False)


@pytest.mark.parametrize("clean", CLEANERS)
def test_a_marked_cell_is_refused_by_every_reader(clean):
    assert clean(ErrorValue("#N/A"))[1] == ["error-value"]
    assert clean(FormulaWithoutValue("=A1"))[1] == ["formula-without-value"]


cells = st.one_of(
    st.text(max_size=30),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.text(alphabet="0123456789.-/年月日约万,，一二十〇eE+ ", max_size=14),
)


@given(cells)
def test_no_cell_breaks_a_reader_and_every_code_is_in_the_catalogue(value):
    for clean in CLEANERS:
        _value, codes = clean(value)
        assert all(code in CODES for code in codes)


@given(cells)
def test_cleaning_text_twice_changes_nothing_more(value):
    once = clean_text(value)[0]
    assert clean_text(once) == (once, [])
