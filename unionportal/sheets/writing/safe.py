"""Cells written so that a spreadsheet never takes them for formulas and never shortens their digits."""

import datetime as dt
import re
from typing import Any

from ..cells import as_text
from ..reading.book import column_letter

__all__ = ["ILLEGAL", "column_letter", "csv_cell", "write_cell"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What starts like a formula and can't be one: -3.5, +8613800138000, +86 871-65123456, a lone dash.
HARMLESS = re.compile(r"[+-]\d[\d .,()-]*%?|[-—]+")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
MAX_CELL_LENGTH = 32_767
SAFE_INTEGER = 10**15


def csv_cell(value: Any) -> str:
    """A value as CSV text; an apostrophe before what a spreadsheet would run as a formula."""
    if isinstance(value, bool):
        return "是" if value else "否"
    text = as_text(value).replace("\0", "")
    if text.startswith(FORMULA_STARTS) and not HARMLESS.fullmatch(text):
        return "'" + text
    return text


def write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any], base: Any = None) -> None:
    """Write one value to an xlsxwriter sheet: text always as text, numbers and dates as such.

    ``formats`` holds "date", "datetime" and "time"; ``base`` replaces them, to colour a cell.
    """
    if value is None or value == "":
        if base is not None:
            sheet.write_blank(row, column, None, base)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", base)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), base or formats["datetime"])
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, base or formats["date"])
    elif isinstance(value, dt.time):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), base or formats["time"])
    elif isinstance(value, int | float) and abs(value) < SAFE_INTEGER:
        sheet.write_number(row, column, value, base)
    else:
        text = ILLEGAL.sub("", as_text(value))[:MAX_CELL_LENGTH]
        sheet.write_string(row, column, text, base)
