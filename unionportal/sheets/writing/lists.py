"""Lists, streamed: memory stays the same for ten rows and for a million."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter

from .safe import csv_cell, write_cell

FLUSH_CHARACTERS = 64 * 1024
MAX_SHEET_ROWS = 1_048_576
SHEET_NAME_LENGTH = 31
DATE_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "time": "hh:mm"}


def date_formats(workbook: Any) -> dict[str, Any]:
    """The formats that ``write_cell`` needs."""
    return {name: workbook.add_format({"num_format": form}) for name, form in DATE_FORMATS.items()}


def sheet_title(text: str) -> str:
    """A text made fit to name a sheet: no []:*?/\\, at most 31 characters, no apostrophe at its ends."""
    name = "".join(character for character in text if character not in "[]:*?/\\" and character.isprintable())
    return name[:SHEET_NAME_LENGTH].strip(" '") or "Sheet1"


def write_xlsx(file: IO[bytes], sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a workbook and return the number of rows; what one sheet can't hold goes on a next one."""
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
    formats = date_formats(workbook)
    bold = workbook.add_format({"bold": True, "bg_color": "#F3F3F3", "bottom": 1})
    count, line, sheet, number = 0, MAX_SHEET_ROWS, None, 0
    for values in _at_least_headings(rows):
        if line >= MAX_SHEET_ROWS:
            number += 1
            name = sheet_title(sheet_name)
            sheet = workbook.add_worksheet(name if number == 1 else f"{name[:26]} {number}")
            sheet.freeze_panes(1, 0)
            for column, heading in enumerate(headings):
                sheet.set_column(column, column, column_width(heading))
                sheet.write_string(0, column, str(heading), bold)
            line = 1
        if values is None:
            break
        for column, value in enumerate(values):
            write_cell(sheet, line, column, value, formats)
        line += 1
        count += 1
    workbook.close()
    return count


def _at_least_headings(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any] | None]:
    """The rows; one None for an empty list, so that its sheet still gets headings."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        yield None


def column_width(heading: str) -> float:
    """A width that shows the heading: a Chinese character takes two places."""
    return min(max(sum(2 if ord(character) > 255 else 1 for character in str(heading)) + 3, 10), 50)


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV file in pieces, for a streamed answer: UTF-8 with a byte order mark, as Excel and WPS want it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([csv_cell(heading) for heading in headings])
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        if buffer.tell() >= FLUSH_CHARACTERS:
            yield buffer.getvalue().encode("utf-8", errors="replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", errors="replace")


def write_csv(file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a CSV file and return the number of rows."""
    count = 0

    def counted() -> Iterator[Sequence[Any]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    for chunk in csv_chunks(headings, counted()):
        file.write(chunk)
    return count
