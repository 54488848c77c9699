"""A file in, a book of sheets out: ``read_file``."""

import hashlib
import io
import os
from pathlib import Path
from typing import BinaryIO

from ..problems import refuse
from .book import (
    Book,
    Cell,
    CellMarker,
    ErrorValue,
    FormulaWithoutValue,
    Merge,
    RawSheet,
    column_index,
    column_letter,
)
from .delimited import read_delimited
from .detection import detect_kind
from .limits import MAX_COLUMNS, MAX_ROWS, max_bytes
from .markup import read_html, read_spreadsheet_xml
from .workbooks import read_workbook

__all__ = [
    "Book",
    "Cell",
    "CellMarker",
    "ErrorValue",
    "FormulaWithoutValue",
    "Merge",
    "RawSheet",
    "column_index",
    "column_letter",
    "read_file",
]


def read_file(source: str | os.PathLike | BinaryIO, filename: str = "") -> Book:
    """Read a spreadsheet of any usual kind, told by its content; ``filename`` names a CSV's only sheet.

    Sheets keep the file's order and row numbers; blank rows at the end are cut. Raises ``SheetFileError``
    for every file that can't be used, and no other exception because of a file's content.
    """
    if isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            return _read(file, filename or Path(source).name)
    return _read(source, filename or getattr(source, "name", "") or "")


def _read(file: BinaryIO, filename: str) -> Book:
    digest = _check_size_and_hash(file)
    kind = detect_kind(file)
    encoding = ""
    if kind == "csv":
        sheet, encoding = read_delimited(file.read())
        sheet.name = Path(filename).stem
        sheets = [sheet]
    elif kind == "html":
        sheets, encoding = read_html(file.read())
    elif kind == "xml":
        sheets = read_spreadsheet_xml(file.read())
    else:
        sheets = read_workbook(file, kind)
    for sheet in sheets:
        _trim(sheet)
    if not any(sheet.rows for sheet in sheets):
        raise refuse("sheets-missing")
    return Book(sheets, kind, encoding, digest)


def _check_size_and_hash(file: BinaryIO) -> str:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise refuse("file-empty")
    if size > max_bytes():
        raise refuse("file-too-large", size=size // 1024**2, limit=max_bytes() // 1024**2)
    digest = hashlib.sha256()
    while chunk := file.read(1024**2):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _trim(sheet: RawSheet) -> None:
    """Cut blank rows at the end and refuse what is wider or longer than any list."""
    rows = sheet.rows
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    if len(rows) > MAX_ROWS:
        raise refuse("too-many-rows", limit=MAX_ROWS, sheet=sheet.name)
    for index, row in enumerate(rows):
        if len(row) > MAX_COLUMNS and any(cell != "" for cell in row[MAX_COLUMNS:]):
            raise refuse("too-many-columns", limit=MAX_COLUMNS, row=index + 1, sheet=sheet.name)
