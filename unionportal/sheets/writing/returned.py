"""The copy that goes back to the clerk: the rows that were rejected, each with its problems beside it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from ..problems import ERROR, NOTE, WARNING, Problem
from ..reading.book import column_index
from ..tables import Line, Table
from ..tables.rows import PROBLEM_HEADING, RETURNED_HEADINGS, ROW_HEADING
from .lists import column_width, date_formats, sheet_title
from .safe import write_cell

# Known on the way back in, so that a mended copy can be handed in as it is.
__all__ = ["PROBLEM_HEADING", "RETURNED_HEADINGS", "ROW_HEADING", "write_problem_workbook"]

COLOURS = {ERROR: "#F9C9C4"}
OTHER_COLOUR = "#FDEFC3"
LEVELS = (ERROR, WARNING, NOTE)

RowKey = tuple[str, int | None]


def write_problem_workbook(
    file: IO[bytes],
    table: Table,
    problems: Iterable[Problem],
    *,
    only: Collection[RowKey] | None = None,
    mark: tuple[str, str] | None = None,
) -> int:
    """Write the rows with problems under their own headings and return how many there are.

    ``only`` holds the (sheet, row number) to write; without it every row that has an error. The problem
    column stands last, so the columns keep their letters; offending cells are coloured and carry the message.
    ``mark`` is a name and a value kept among the document's properties, to know the copy again when it comes back.
    """
    by_row: dict[RowKey, list[Problem]] = defaultdict(list)
    for found in problems:
        by_row[found.sheet, found.row].append(found)
    if only is None:
        only = {key for key, found in by_row.items() if any(one.level == ERROR for one in found)}
    workbook = xlsxwriter.Workbook(file, {"strings_to_formulas": False})
    if mark is not None:
        workbook.set_custom_property(*mark, "text")
    writer = _Returned(workbook, table)
    for line in table.rows():
        if (line.sheet, line.number) in only:
            writer.write(line, by_row[line.sheet, line.number])
    writer.close()
    return writer.count


class _Returned:
    """The workbook of returned rows while it is written: a sheet for each one that the rows come from, under the
    headings as they stood there, so that the copy is read just as the file was.
    """

    def __init__(self, workbook: Any, table: Table):
        self.workbook, self.table = workbook, table
        self.formats = date_formats(workbook)
        self.coloured = {
            colour: {
                "text": workbook.add_format({"bg_color": colour}),
                "date": workbook.add_format({"bg_color": colour, "num_format": "yyyy-mm-dd"}),
            }
            for colour in (*COLOURS.values(), OTHER_COLOUR)
        }
        self.wrap = workbook.add_format({"text_wrap": True, "font_color": "#B3261E", "valign": "top"})
        self.bold = workbook.add_format({"bold": True, "bg_color": "#F3F3F3", "bottom": 1, "valign": "vcenter"})
        self.width = len(table.headings)
        self.count = 0
        self._sheets: dict[str, Any] = {}
        # The first free row of each sheet, zero-based.
        self._next: dict[str, int] = {}

    def close(self) -> None:
        """End the workbook; one without a row still shows its headings."""
        if not self._sheets:
            self._open("")
        self.workbook.close()

    def _open(self, name: str) -> None:
        title = sheet_title(name or self.table.sheet_name or _("Rows to correct"))
        if title.lower() in {sheet.name.lower() for sheet in self._sheets.values()}:
            # Long names of other programs' sheets, alike after their first 31 characters.
            title = sheet_title(f"{len(self._sheets) + 1} {title}")
        self.sheet = self._sheets[name] = self.workbook.add_worksheet(title)
        columns = [(heading.group, heading.text) for heading in self.table.headings]
        columns += [("", ROW_HEADING), ("", PROBLEM_HEADING)]
        depth = 2 if any(group for group, _text in columns) else 1
        for column, (group, text) in enumerate(columns):
            self.sheet.set_column(column, column, 60 if text == PROBLEM_HEADING else column_width(text))
            if group:
                self.sheet.write_string(1, column, text.removeprefix(f"{group}/"), self.bold)
            elif depth == 2:
                self.sheet.merge_range(0, column, 1, column, text, self.bold)
            else:
                self.sheet.write_string(0, column, text, self.bold)
        for group, places in groupby(range(len(columns)), lambda column: columns[column][0]):
            first, *rest = places
            if group and rest:
                self.sheet.merge_range(0, first, 0, rest[-1], group, self.bold)
            elif group:
                self.sheet.write_string(0, first, group, self.bold)
        self.sheet.freeze_panes(depth, 0)
        self._next[name] = depth

    def write(self, line: Line, problems: list[Problem]) -> None:
        if line.sheet not in self._sheets:
            self._open(line.sheet)
        self.sheet, self.row = self._sheets[line.sheet], self._next[line.sheet]
        self._next[line.sheet] += 1
        self.count += 1
        worst: dict[int, list[Problem]] = defaultdict(list)
        for found in problems:
            if found.column:
                worst[column_index(found.column)].append(found)
        for column, value in enumerate(line.values):
            self._write_value(column, value, worst.get(column))
        write_cell(self.sheet, self.row, self.width, line.number, self.formats)
        # What keeps the row out comes first.
        messages = "\n".join(
            f"{found.heading}：{found.message}" if found.heading else found.message
            for found in sorted(problems, key=lambda found: LEVELS.index(found.level))
        )
        self.sheet.write_string(self.row, self.width + 1, messages[:32_767], self.wrap)

    def _write_value(self, column: int, value: Any, problems: list[Problem] | None) -> None:
        if not problems:
            write_cell(self.sheet, self.row, column, value, self.formats)
            return
        serious = any(found.level == ERROR for found in problems)
        formats = self.coloured[COLOURS[ERROR] if serious else OTHER_COLOUR]
        base = formats["date"] if hasattr(value, "year") else formats["text"]
        write_cell(self.sheet, self.row, column, value, self.formats, base)
        message = "\n".join(found.message for found in problems)
        self.sheet.write_comment(self.row, column, message[:30_000], {"x_scale": 2, "author": ""})
