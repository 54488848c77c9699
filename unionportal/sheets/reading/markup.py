"""Web pages and XML saved under a spreadsheet's name, as older office systems export them."""

import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from ..problems import refuse
from .book import ERROR_WORDS, ErrorValue, Merge, RawSheet
from .delimited import decode
from .limits import MAX_COLUMNS, MAX_ROWS

DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
MAX_SPAN = 1000


class TableParser(HTMLParser):
    """Collects the outermost tables; text of nested tables goes into the cell that holds them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[RawSheet] = []
        self.depth = 0
        self.cell: list[str] | None = None
        self.span = (1, 1)
        self.covered: dict[tuple[int, int], bool] = {}
        self.column = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.sheets.append(RawSheet(f"{len(self.sheets) + 1}", [], merged=[]))
                self.covered = {}
            return
        if self.depth != 1:
            return
        if tag == "tr":
            self._close_cell()
            self.column = 0
            self.sheets[-1].rows.append([])
            if len(self.sheets[-1].rows) > MAX_ROWS:
                raise refuse("too-many-rows", limit=MAX_ROWS)
        elif tag in ("td", "th"):
            self._close_cell()
            if not self.sheets[-1].rows:
                self.sheets[-1].rows.append([])
            named = dict(attrs)
            self.span = (_span(named.get("rowspan")), _span(named.get("colspan")))
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr") and self.depth == 1:
            self._close_cell()
        elif tag == "table" and self.depth:
            self._close_cell()
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(re.sub(r"\s+", " ", data))

    def _close_cell(self) -> None:
        if self.cell is None or not self.sheets or not self.sheets[-1].rows:
            return
        text, self.cell = "".join(self.cell).strip(), None
        sheet = self.sheets[-1]
        row_index, row = len(sheet.rows) - 1, sheet.rows[-1]
        while self.covered.get((row_index, self.column)):
            self.column += 1
        if self.column >= MAX_COLUMNS:
            raise refuse("too-many-columns", limit=MAX_COLUMNS)
        row.extend([""] * (self.column + 1 - len(row)))
        row[self.column] = ErrorValue(text) if text in ERROR_WORDS else text
        height, width = self.span
        if height > 1 or width > 1:
            sheet.merged.append(  # type: ignore[attr-defined]
                Merge(row_index, self.column, row_index + height - 1, self.column + width - 1)
            )
        for below in range(1, height):
            for beside in range(min(width, MAX_COLUMNS)):
                self.covered[row_index + below, self.column + beside] = True
        self.column += width


def _span(value: str | None) -> int:
    return min(max(int(value), 1), MAX_SPAN) if value and value.isdigit() and value.isascii() else 1


def read_html(content: bytes) -> tuple[list[RawSheet], str]:
    """The tables of a web page, one sheet each, and the encoding."""
    text, encoding = _decode_declared(content)
    parser = TableParser()
    try:
        parser.feed(text)
        parser.close()
    except (AssertionError, ValueError, RecursionError) as error:
        raise refuse("file-markup-unreadable") from error
    for sheet in parser.sheets:
        sheet.fill_merged_down()
    sheets = [sheet for sheet in parser.sheets if any(any(row) for row in sheet.rows)]
    if not sheets:
        raise refuse("file-markup-unreadable")
    return sheets, encoding


def _decode_declared(content: bytes) -> tuple[str, str]:
    declared = DECLARED.search(content[:4096])
    if declared and declared[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        try:
            return content.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            pass
    return decode(content)


SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"


def read_spreadsheet_xml(content: bytes) -> list[RawSheet]:
    """The sheets of an “XML Spreadsheet 2003”, which old systems write as .xls."""
    if b"<!doctype" in content.lower() or b"<!entity" in content.lower():
        raise refuse("file-unsafe")
    try:
        root = ElementTree.parse(io.BytesIO(content)).getroot()
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise refuse("file-damaged") from error
    sheets = [_read_worksheet(node) for node in root.iter(SPREADSHEET + "Worksheet")]
    if not any(sheet.rows for sheet in sheets):
        raise refuse("sheets-missing")
    return sheets


def _number(node: ElementTree.Element, name: str, default: int) -> int:
    text = node.get(SPREADSHEET + name, "")
    return int(text) if text.isdigit() and text.isascii() and len(text) < 9 else default


def _read_worksheet(worksheet: ElementTree.Element) -> RawSheet:
    rows: list[list] = []
    merges: list[Merge] = []
    for row_node in worksheet.iter(SPREADSHEET + "Row"):
        index = max(_number(row_node, "Index", len(rows) + 1) - 1, len(rows))
        if index >= MAX_ROWS:
            raise refuse("too-many-rows", limit=MAX_ROWS)
        rows.extend([] for _ in range(index + 1 - len(rows)))
        column = 0
        for cell in row_node.iter(SPREADSHEET + "Cell"):
            column = max(_number(cell, "Index", column + 1) - 1, column)
            if column >= MAX_COLUMNS:
                raise refuse("too-many-columns", limit=MAX_COLUMNS, row=index + 1)
            rows[index].extend([""] * (column + 1 - len(rows[index])))
            rows[index][column] = _cell_value(cell.find(SPREADSHEET + "Data"))
            across, down = _number(cell, "MergeAcross", 0), _number(cell, "MergeDown", 0)
            if across or down:
                merges.append(Merge(index, column, index + down, column + across))
            column += across + 1
    sheet = RawSheet(worksheet.get(SPREADSHEET + "Name", ""), rows, merged=merges)
    sheet.fill_merged_down()
    return sheet


def _cell_value(data: ElementTree.Element | None) -> object:
    if data is None:
        return ""
    text = "".join(data.itertext())
    kind = data.get(SPREADSHEET + "Type")
    if kind == "Error":
        return ErrorValue(text)
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    if kind == "Boolean":
        return text == "1"
    return text
