"""Dates in the notations of Chinese offices."""

import datetime as dt
import re
from typing import Any

from .blank import Codes, is_blank, marker_code
from .text import clean_text

# Day 0 of a spreadsheet's calendar, which counts a 29 February 1900 that never was: right from March 1900.
SERIAL_EPOCH = dt.date(1899, 12, 30)
SERIALS = range(20_000, 80_000)  # October 1954 to January 2119; below lie the years, above the compact dates
YEARS = range(1900, 2101)

DATE = re.compile(
    r"(?P<year>\d{4})\s*[-./年,，、]\s*(?P<month>\d{1,2})\s*(?:[-./月,，、]\s*(?P<day>\d{1,2})\s*[日号]?)?月?"
)
COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})?")
YEAR = re.compile(r"(?P<year>\d{4})\s*年?度?")
TIME = re.compile(r"[ T日号](?=\d{1,2}[:：时])(?:\d{1,2})[:：时]\d{0,2}(?:[:：分]\d{0,2})?(?:\.\d+)?秒?Z?$")
CHINESE_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")


def clean_date(value: Any) -> tuple[dt.date | None, Codes]:
    """A date. The codes ``date-month-only`` and ``date-year-only`` keep the precision: the missing day or
    month is then 1. Day-first and two-digit years are ambiguous and refused with ``date-unreadable``.
    """
    if code := marker_code(value):
        return None, [code]
    if isinstance(value, dt.datetime):
        return value.date(), [] if value.time() == dt.time() else ["date-time-dropped"]
    if isinstance(value, dt.date):
        return value, []
    if isinstance(value, bool | dt.time | dt.timedelta):
        return None, ["date-unreadable"]
    if isinstance(value, int | float):
        return _from_number(value)
    if is_blank(value):
        return None, []
    return _from_text(clean_text(value)[0])


def _from_number(value: int | float) -> tuple[dt.date | None, Codes]:
    whole = int(value) if value == value and abs(value) < 1e9 else 0
    if whole in SERIALS:
        return SERIAL_EPOCH + dt.timedelta(days=whole), ["date-from-serial"]
    if value == whole:
        return _from_text(str(whole))
    # 2023.2 typed into a numeric cell is February; 2023.1 may have been 2023.10.
    text = repr(float(value))
    return (None, ["date-unreadable"]) if text.endswith(".1") else _from_text(text)


def _from_text(text: str) -> tuple[dt.date | None, Codes]:
    codes: Codes = []
    without_time = TIME.sub("", text)
    if without_time != text:
        text = without_time
        codes.append("date-time-dropped")
    if re.search("[〇零○一二三四五六七八九十]", text):
        text = _arabic(text)
    if re.fullmatch(r"\d{5}(\.0+)?", text) and int(float(text)) in SERIALS:
        return _from_number(int(float(text)))
    match = DATE.fullmatch(text) or COMPACT.fullmatch(text) or YEAR.fullmatch(text)
    if not match:
        return None, ["date-unreadable"]
    parts = match.groupdict()
    try:
        day = dt.date(int(parts["year"]), int(parts.get("month") or 1), int(parts.get("day") or 1))
    except ValueError:
        return None, ["date-unreadable"]
    if day.year not in YEARS:
        return None, ["date-unreadable"]
    if not parts.get("month"):
        return day, ["date-year-only"]
    if not parts.get("day"):
        return day, ["date-month-only"]
    return day, codes


def _arabic(text: str) -> str:
    """二〇二三年十二月二十一日 as 2023年12月21日."""

    def tens(match: re.Match[str]) -> str:
        before = match[1].translate(CHINESE_DIGITS) or "1"
        after = match[2].translate(CHINESE_DIGITS) or "0"
        return str(int(before) * 10 + int(after)) if before.isdigit() and after.isdigit() else match[0]

    text = re.sub("([一二三]?)十([一二三四五六七八九]?)", tens, text)
    return text.translate(CHINESE_DIGITS)
