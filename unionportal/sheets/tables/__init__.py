"""The lists in a book: where they begin, what their columns are called, what each row is.

Lists with the same headings in the same order are one ``Table`` of several parts: a workbook with one sheet
per district, or a printed list that begins anew on each page, is one list to its author. A line then names
its sheet, because row numbers repeat. Hidden sheets are never joined and come last; the guide sheets of
templates are left out where there is anything else.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..headings import Vocabulary, normalize_heading
from ..problems import Problem, problem
from ..reading.book import Book, Cell, RawSheet, column_letter
from .beside import strips
from .classification import Block, read_block
from .layout import Layout, find_layout, join_headings
from .rows import DATA, cell_text, filled_cells

__all__ = ["Heading", "Line", "Part", "Table", "find_tables", "named"]

GUIDE_SHEETS = frozenset(("填写说明", "填表说明", "填报说明", "说明", "选项", "字典", "数据字典", "下拉选项"))


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table. ``text`` is "" for a column without heading; ``index`` is zero-based.

    Under a merged group heading ``text`` is "group/own heading" and ``group`` is the first of the two.
    """

    text: str
    column: str
    index: int
    group: str = ""


class Line(NamedTuple):
    """A row of a table: the spreadsheet's own number, its values by heading, and its kind.

    ``kind`` is "data", "total", "note", "section" or "sample" (only "data" is an entry); ``text`` is the first text of
    a line that is no entry; ``sheet`` is "" unless the table spreads over several sheets.
    """

    number: int
    values: list[Cell]
    kind: str = DATA
    text: str = ""
    sheet: str = ""


@dataclass(slots=True)
class Part:
    """The piece of a table that lies on one place of one sheet. Row numbers are the spreadsheet's own."""

    sheet: RawSheet
    header_rows: tuple[int, ...]
    titles: list[str]
    block: Block

    def lines(self, width: int, sheet_name: str) -> Iterator[Line]:
        """Entries and lines that are none, in the order of the sheet."""
        rows, first, kinds = self.sheet.rows, self.sheet.first_row, self.block.kinds
        for index in self.block.rows:
            row = rows[index]
            if len(row) != width:
                row = (row + [""] * (width - len(row)))[:width]
            kind, text = kinds.get(index, (DATA, ""))
            yield Line(index + first, row, kind, text, sheet_name)


@dataclass(slots=True)
class Table:
    """One list. ``problems`` concern it as a whole: what was left out, which other lists the file holds.

    ``columns`` names those it fills ("F–I") where another list stands beside it.
    """

    headings: list[Heading]
    parts: list[Part]
    score: float = 0.0
    problems: list[Problem] = field(default_factory=list)
    columns: str = ""

    @property
    def sheet_name(self) -> str:
        return self.parts[0].sheet.name

    @property
    def header_rows(self) -> tuple[int, ...]:
        """The heading rows of the first part; empty for a list without headings."""
        return self.parts[0].header_rows

    @property
    def titles(self) -> list[str]:
        """The lines above the headings, of all parts, each once."""
        return list(dict.fromkeys(title for part in self.parts for title in part.titles))

    @property
    def row_count(self) -> int:
        """Number of lines that ``rows`` gives."""
        return sum(len(part.block.rows) for part in self.parts)

    @property
    def label(self) -> str:
        """What a person may call the table: its title or its sheet."""
        name = (self.titles[0] if self.titles else self.sheet_name) or "?"
        return f"{name}（{self.columns}）" if self.columns else name

    def rows(self) -> Iterator[Line]:
        """All lines in the order of the file; ``values[i]`` belongs to ``headings[i]``. Can be run again."""
        spread = len({id(part.sheet) for part in self.parts}) > 1
        for part in self.parts:
            yield from part.lines(len(self.headings), part.sheet.name if spread else "")


def find_tables(book: Book, synonyms: Vocabulary | Mapping[str, Iterable[str]]) -> list[Table]:
    """All lists of a book, best first: the one that names most fields, then the longest.

    ``synonyms`` maps each field to its headings. A book may give no table at all.
    """
    vocabulary = Vocabulary.of(synonyms)
    tables: list[Table] = []
    for sheet in book.sheets:
        for strip, columns in strips(sheet, vocabulary):
            for table in _tables_of(strip, vocabulary):
                table.columns = columns
                _join_or_append(tables, table)
    tables = [table for table in tables if table.row_count or table.header_rows]
    if not all(_is_guide(table.parts[0].sheet) for table in tables):
        tables = [table for table in tables if not _is_guide(table.parts[0].sheet)]
    tables.sort(key=lambda table: -table.score)
    for table in tables:
        _note_what_was_left_out(table, tables)
    return tables


def named(tables: Sequence[Table], left_out: Table | None = None) -> str:
    """The lists of a file with their numbers and rows, so that each can be chosen: 2. 名单（E–G）, 12 rows."""
    # Translators: a list of the file: its number, its title with the columns it fills, and how many rows it has.
    words = _("%(number)d. %(name)s: %(rows)d rows")
    return "；".join(
        words % {"number": number, "name": table.label, "rows": table.row_count}
        for number, table in enumerate(tables, start=1)
        if table is not left_out and table.row_count and not _is_aside(table.parts[0].sheet)
    )


def _tables_of(sheet: RawSheet, vocabulary: Vocabulary) -> Iterator[Table]:
    start = 0
    while (layout := find_layout(sheet, start, vocabulary)) is not None:
        block, start = read_block(sheet, layout, vocabulary)
        texts = _with_units(join_headings(sheet, layout.header), sheet, layout)
        texts += [("", "")] * (block.width - len(texts))
        titles = [_line_text(sheet.rows[i]) for i in layout.titles]
        header = layout.header if layout.units is None else (*layout.header, layout.units)
        part = Part(sheet, tuple(i + sheet.first_row for i in header), titles, block)
        headings = [
            Heading(f"{group}/{text}" if group else text, column_letter(i), i, group)
            for i, (group, text) in enumerate(texts)
        ]
        yield Table(headings, [part], _score(part, layout.hits))


def _with_units(texts: list[tuple[str, str]], sheet: RawSheet, layout: Layout) -> list[tuple[str, str]]:
    """The headings with the unit that a line of its own gives them: 面积 above （平方米） is 面积（平方米）."""
    if layout.units is None:
        return texts
    units = [cell_text(cell).strip("（()）[]【】") for cell in sheet.rows[layout.units]]
    units += [""] * (len(texts) - len(units))
    return [
        (group, f"{text}（{unit}）" if unit and text else text)
        for (group, text), unit in zip(texts, units, strict=False)
    ]


def _line_text(row: list[Cell]) -> str:
    return " ".join(dict.fromkeys(str(cell).strip() for _i, cell in filled_cells(row)))


def _score(part: Part, hits: int) -> float:
    count = len(part.block.rows)
    # One more field outweighs nine times as many rows, not a list a hundred times as long.
    score = hits * 10.0 + math.log2(count + 1) * 3 + bool(part.header_rows) - (0 if count else 8)
    return score - 1000 if _is_aside(part.sheet) else score


def _is_aside(sheet: RawSheet) -> bool:
    return sheet.hidden or _is_guide(sheet)


def _is_guide(sheet: RawSheet) -> bool:
    return sheet.name.strip() in GUIDE_SHEETS


def _join_or_append(tables: list[Table], table: Table) -> None:
    part = table.parts[0]
    for earlier in tables:
        first = earlier.parts[0]
        plain = part.header_rows and first.header_rows and not _is_aside(part.sheet) and not _is_aside(first.sheet)
        if plain and _shape(earlier) == _shape(table):
            earlier.parts.append(part)
            earlier.score = max(earlier.score, table.score)
            return
    tables.append(table)


def _shape(table: Table) -> tuple[str, ...]:
    names = [normalize_heading(heading.text) for heading in table.headings]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _note_what_was_left_out(table: Table, tables: list[Table]) -> None:
    spread = len({id(part.sheet) for part in table.parts}) > 1
    for part in table.parts:
        for number, kind, text in part.block.left_out:
            sheet_name = part.sheet.name if spread else ""
            table.problems.append(problem(kind, row=number + part.sheet.first_row, value=text, sheet=sheet_name))
    if not table.header_rows:
        table.problems.append(problem("heading-missing"))
    others = [other for other in tables if other is not table and other.row_count]
    hidden = dict.fromkeys(other.sheet_name for other in others if other.parts[0].sheet.hidden)
    table.problems += [problem("sheet-hidden", name=name) for name in hidden if name != table.sheet_name]
    if names := named(tables, left_out=table):
        table.problems.append(problem("other-tables", names=names))
