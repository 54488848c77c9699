"""What a file turns into: a book of sheets, a sheet of rows, a row of cell values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Cell = Any
"""str, int, float, bool, date, datetime, time, timedelta or one of the markers below; a blank cell is ""."""


class CellMarker(str):
    """A cell that shows nothing a person could have meant; the text is what the file holds."""

    __slots__ = ()


class ErrorValue(CellMarker):
    """An error shown by the spreadsheet, such as ``#N/A``."""

    __slots__ = ()


class FormulaWithoutValue(CellMarker):
    """A formula saved without its result; the text is the formula with its equals sign."""

    __slots__ = ()


ERROR_WORDS = frozenset(
    (
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "Err:502",
    )
)


class Merge(NamedTuple):
    """A merged range, zero-based and inclusive."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(slots=True)
class RawSheet:
    """One sheet. ``rows[i]`` is the spreadsheet's row ``first_row + i``; rows may differ in length."""

    name: str
    rows: list[list[Cell]]
    first_row: int = 1
    merged: Sequence[Merge] = ()
    hidden: bool = False

    def fill_merged_down(self) -> None:
        """Give a vertically merged cell's value to every row it covers.

        A row with nothing of its own stays blank: a merge that reaches past the list makes no entries.
        """
        downward = [merge for merge in self.merged if merge.last_row > merge.first_row]
        for merge in sorted(downward):
            if merge.first_row >= len(self.rows):
                continue
            top = self.rows[merge.first_row]
            value = top[merge.first_column] if merge.first_column < len(top) else ""
            if value == "":
                continue
            for row in self.rows[merge.first_row + 1 : merge.last_row + 1]:
                if any(cell != "" for cell in row):
                    row.extend([""] * (merge.first_column + 1 - len(row)))
                    row[merge.first_column] = value


@dataclass(slots=True)
class Book:
    """A file as read. ``kind`` is what it is by content: xlsx, xlsb, xls, ods, csv, html or xml."""

    sheets: list[RawSheet] = field(default_factory=list)
    kind: str = ""
    encoding: str = ""
    sha256: str = ""


SHARED_TEXTS = 50_000


def share_texts(row: list[Cell], seen: dict[str, str]) -> list[Cell]:
    """The row with equal texts as one object: a column of a long list holds few, and half the memory is texts.

    ``seen`` is one dictionary for all rows of a file.
    """
    if len(seen) > SHARED_TEXTS:
        seen.clear()
    share = seen.setdefault
    return [share(cell, cell) if type(cell) is str else cell for cell in row]


def column_letter(index: int) -> str:
    """The spreadsheet's name of a zero-based column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The zero-based index of a column letter; the reverse of ``column_letter``."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
