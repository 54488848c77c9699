"""What each row below the headings of a list is."""

from array import array
from dataclasses import dataclass, field

from ..headings import Vocabulary
from ..reading.book import Cell, RawSheet
from .layout import Layout, is_heading_row, is_own_template
from .rows import (
    BARE_TOTAL,
    BRACKETED,
    CONTINUED,
    DATA,
    EXAMPLE,
    EXAMPLE_MARK,
    REMARK,
    REMARK_CONTINUES,
    REPEATED,
    RETURNED_HEADINGS,
    SAMPLE,
    SECTION,
    SECTIONS,
    SIGNATURE,
    TOTAL,
    cell_text,
    filled_cells,
    is_blank_row,
    kind_of_text,
)

LONGEST_FOOT = 4


@dataclass(slots=True)
class Block:
    """The rows of one list, zero-based. ``kinds`` names only the rows that are no entries."""

    rows: array = field(default_factory=lambda: array("L"))
    kinds: dict[int, tuple[str, str]] = field(default_factory=dict)
    left_out: list[tuple[int, str, str]] = field(default_factory=list)
    width: int = 0


def read_block(sheet: RawSheet, layout: Layout, vocabulary: Vocabulary) -> tuple[Block, int]:
    """The rows of the list with this layout, and the row where the next list of the sheet may begin."""
    return _Classifier(sheet, layout, vocabulary).run()


class _Classifier:
    """Goes through the rows below the headings once and says of each what it is."""

    def __init__(self, sheet: RawSheet, layout: Layout, vocabulary: Vocabulary):
        self.sheet, self.layout, self.vocabulary = sheet, layout, vocabulary
        self.block = Block(width=max((_filled_width(sheet.rows[i]) for i in layout.header), default=0))
        self.header_rows = [_bare(sheet.rows[i]) for i in layout.header]
        self.header_starts = {row[0] for row in self.header_rows if row}
        self.title_lines = {cell_text(filled_cells(sheet.rows[i])[0][1]) for i in layout.titles} - {""}
        self.added = [
            i
            for index in layout.header
            for i, cell in enumerate(sheet.rows[index])
            if cell_text(cell) in RETURNED_HEADINGS
        ]
        self.columns = max((len(row) for row in self.header_rows), default=0) - len(self.added)
        self.is_template = is_own_template(sheet, layout, vocabulary)

    def run(self) -> tuple[Block, int]:
        rows, block = self.sheet.rows, self.block
        after_gap = after_blank = after_remark = after_end = False
        for index in range(self.layout.body, len(rows)):
            row = rows[index]
            first = next((cell for cell in row if cell != ""), "")
            if isinstance(first, str) and not first.strip():
                if is_blank_row(row):
                    after_gap = after_blank = True
                    continue
                first = filled_cells(row)[0][1]
            if after_gap and self._starts_new_table(row):
                return block, self._give_back_titles(index)
            own = self._own_cells(row)
            kind = self._kind(own, first, after_remark)
            if kind == DATA and (after_blank or after_end) and self._is_signature(index, first):
                kind = REMARK
            if kind == SAMPLE and self._is_our_example(first):
                kind = EXAMPLE
            if kind in (REPEATED, EXAMPLE):
                block.left_out.append((index, kind, cell_text(first)))
            else:
                block.rows.append(index)
                if kind != DATA:
                    block.kinds[index] = kind, cell_text(first)
                elif len(row) > block.width:
                    block.width = max(block.width, _filled_width(row))
            after_gap = kind in (SECTION, REMARK, TOTAL) or (kind == DATA and self._could_be_title(own))
            after_remark = kind == REMARK
            after_blank, after_end = False, kind in (REMARK, TOTAL)
        return block, len(rows)

    def _kind(self, row: list[Cell], first: Cell, after_remark: bool) -> str:
        if not isinstance(first, str):
            return self._kind_behind_number(row)
        text = first.strip()
        if text in self.header_starts and _bare(row) in self.header_rows:
            return REPEATED
        if self.columns > 1 and CONTINUED.sub("", text).strip() in self.title_lines:
            return REPEATED
        if kind := kind_of_text(text):
            return kind
        if len(row) - row.count("") > 1:
            if text.isdigit():
                return self._kind_behind_number(row)
            return TOTAL if self._is_subtotal(row) else DATA
        if self.columns > 1 and BRACKETED.fullmatch(text):
            return REMARK
        if after_remark and self.columns > 1 and REMARK_CONTINUES.match(text):
            return REMARK
        return SECTION if self.columns >= 3 and SECTIONS.match(text) else DATA

    def _own_cells(self, row: list[Cell]) -> list[Cell]:
        """The row as the clerk wrote it, without what a returned workbook says beside it."""
        return ["" if i in self.added else cell for i, cell in enumerate(row)] if self.added else row

    def _is_lone(self, row: list[Cell]) -> bool:
        return self._could_be_title(self._own_cells(row))

    def _is_signature(self, index: int, first: Cell) -> bool:
        """昆明市总工会 alone at the foot, in whichever column it was typed; only its date may stand below."""
        rows = self.sheet.rows
        if self.columns < 3 or not SIGNATURE.fullmatch(cell_text(first)):
            return False
        if len(rows) - index > LONGEST_FOOT:
            return False
        foot = [row for row in rows[index:] if not is_blank_row(row)]
        entry = next((i for i in self.block.rows if i not in self.block.kinds), None)
        # A list of bare names has lone cells everywhere; a returned workbook may hold no entry at all.
        apart = bool(self.added) if entry is None else not self._is_lone(rows[entry])
        return apart and all(map(self._is_lone, foot))

    def _kind_behind_number(self, row: list[Cell]) -> str:
        """A total, a remark or an example whose words stand behind an index column."""
        filled = filled_cells(row[:4])
        return (len(filled) > 1 and kind_of_text(cell_text(filled[1][1]))) or DATA

    def _is_subtotal(self, row: list[Cell]) -> bool:
        """小计 in the column of the names, behind the district it sums up."""
        return any("计" in cell and BARE_TOTAL.match(cell.strip()) for cell in row[1:4] if isinstance(cell, str))

    def _is_our_example(self, first: Cell) -> bool:
        """The row that the portal's template brings along: the first below its headings, with its mark."""
        return self.is_template and not self.block.rows and cell_text(first).startswith(EXAMPLE_MARK)

    def _could_be_title(self, row: list[Cell]) -> bool:
        """A lone text in a list of several columns may be the title of a next list."""
        return self.columns > 1 and len(row) - row.count("") == 1

    def _starts_new_table(self, row: list[Cell]) -> bool:
        return is_heading_row(row, self.vocabulary) and _bare(row) not in self.header_rows

    def _give_back_titles(self, index: int) -> int:
        """Lines just above the next list's headings are its titles, not rows of this one."""
        block = self.block
        while index > self.layout.body:
            filled = filled_cells(self.sheet.rows[index - 1])
            if filled:
                kind = block.kinds.get(index - 1, (DATA, ""))[0]
                if len(filled) > 1 or kind in (TOTAL, REMARK) or self.columns < 2:
                    break
                if block.rows and block.rows[-1] == index - 1:
                    block.rows.pop()
                    block.kinds.pop(index - 1, None)
            index -= 1
        return index


def _filled_width(row: list[Cell]) -> int:
    width = len(row)
    while width and row[width - 1] == "":
        width -= 1
    return width


def _bare(row: list[Cell]) -> list[str]:
    """A row's texts without the blanks at its ends, to compare heading rows."""
    texts = [str(cell).strip() for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    while texts and not texts[0]:
        texts.pop(0)
    return texts
