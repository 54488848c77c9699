"""Parse one workbook in a process of its own and hand its rows to the portal.

Run as a script: the workbook on standard input, frames on standard output. The parser (calamine) allocates
the whole rectangle between the outermost cells and trusts counts written in the file, so a workbook of two
kilobytes can abort the process that reads it. Here that process is this one, under a memory limit, and
the web server only sees that it ended. Imports nothing of the portal: starting Django would cost more than
parsing most lists.

A frame is one type byte, the payload's length (8 bytes, little-endian) and the payload in marshal or pickle.
"""

import contextlib
import html
import io
import marshal
import pickle
import re
import sys
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MEMORY_LIMIT = 3 * 1024**3
# The grid of an .xls ends at 65,536 rows of 256 columns: half a gigabyte when every cell is filled.
MEMORY_LIMIT_XLS = 1024**3
ROWS_PER_FRAME = 1000

MARSHAL, PICKLE = b"M", b"P"
EXIT_ENCRYPTED, EXIT_TOO_LARGE, EXIT_DAMAGED = 3, 4, 5

Mark = tuple[int, int, str, str]
"""Zero-based row and column, "error" or "formula", and the text."""


def limit_resources(kind: str, cpu_seconds: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limits.
        import resource

        memory = MEMORY_LIMIT_XLS if kind == "xls" else MEMORY_LIMIT
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def send(message: Any) -> None:
    """Marshal is four times as fast as pickle but knows no dates."""
    try:
        kind, payload = MARSHAL, marshal.dumps(message, 2)
    except ValueError:
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, protocol=5)
        pickler.fast = True  # Rows hold no cycles; without the memo it is twice as fast.
        pickler.dump(message)
        kind, payload = PICKLE, buffer.getvalue()
    sys.stdout.buffer.write(kind + len(payload).to_bytes(8, "little") + payload)


def main(kind: str, max_rows: int, max_columns: int) -> int:
    content = io.BytesIO(sys.stdin.buffer.read())
    try:
        workbook = CalamineWorkbook.from_filelike(content)
    except PasswordError:
        return EXIT_ENCRYPTED
    marks = find_marks(content, kind)
    for entry in workbook.sheets_metadata:
        if entry.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(entry.name)
        if sheet.end and sheet.end[0] >= max_rows:
            send(("rows-exceeded", entry.name))
            return EXIT_TOO_LARGE
        merges = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
        errors, spans = marks.get(entry.name, ([], []))
        hidden = entry.visible is not SheetVisibleEnum.Visible
        send(("sheet", entry.name, hidden, merges or spans, errors))
        send_rows(sheet, max_columns)
    send(("end",))
    return 0


def send_rows(sheet, max_columns: int) -> None:
    """All rows from the first of the sheet on, cut to one cell past the limit so that excess can be told."""
    if sheet.end is None:
        return
    # The parser counts rows from the sheet's first, but leaves out the blank columns before the list.
    before = [""] * sheet.start[1]
    plain = not before and sheet.end[1] <= max_columns
    rows: list[list] = []
    for row in sheet.iter_rows():
        rows.append(row if plain else (before + row)[: max_columns + 1])
        if len(rows) == ROWS_PER_FRAME:
            send(("rows", rows))
            rows = []
    if rows:
        send(("rows", rows))


def find_marks(content: io.BytesIO, kind: str) -> dict[str, tuple[list[Mark], list[tuple]]]:
    """What the parser leaves out, by sheet: error values, formulas without a result; for ODS also merges."""
    if kind not in ("xlsx", "ods"):
        return {}
    with zipfile.ZipFile(content) as archive:
        if kind == "ods":
            return scan_open_document(archive)
        return {name: (list(scan_sheet_xml(archive, path)), []) for name, path in sheet_paths(archive) if path}


OFFICE_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def sheet_paths(archive: zipfile.ZipFile) -> Iterator[tuple[str, str | None]]:
    try:
        workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except KeyError:
        return
    targets = {node.get("Id"): node.get("Target", "") for node in relations}
    known = set(archive.namelist())
    for node in workbook.iter():
        if node.tag.endswith("}sheet") and node.get("name"):
            target = targets.get(node.get(OFFICE_RELATION) or node.get(STRICT_RELATION), "")
            path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            yield node.get("name", ""), path if path in known else None


FORMULA_WITHOUT_VALUE = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)><(?:\w+:)?f\b[^<>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s([^<>]*\bt="e"[^<>]*)>.*?<(?:\w+:)?v>([^<]*)<', re.DOTALL)
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
# A formula that gives an empty text is saved as a string without characters: that is a result.
TEXT_RESULT = re.compile(rb'\bt="(?:str|s|inlineStr)"')


def scan_sheet_xml(archive: zipfile.ZipFile, path: str, chunk_size: int = 8 * 1024**2) -> Iterator[Mark]:
    """Stream a sheet's XML; a sheet without formulas and errors costs only the unpacking."""
    rest = b""
    with archive.open(path) as stream:
        while chunk := stream.read(chunk_size):
            text = rest + chunk
            cut = text.rfind(b"</row>") + 1 or len(text)
            text, rest = text[:cut], text[cut:]
            yield from marks_in(text)
    yield from marks_in(rest)


def marks_in(text: bytes) -> Iterator[Mark]:
    if b"<f" in text or b":f" in text:
        for match in FORMULA_WITHOUT_VALUE.finditer(text):
            if not TEXT_RESULT.search(match[1]) and (place := cell_place(match[1])):
                yield (*place, "formula", "=" + html.unescape((match[2] or b"").decode(errors="replace")))
    if b't="e"' in text:
        for match in ERROR_CELL.finditer(text):
            if place := cell_place(match[1]):
                yield (*place, "error", html.unescape(match[2].decode(errors="replace")))


def cell_place(attributes: bytes) -> tuple[int, int] | None:
    match = REFERENCE.search(attributes)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + letter - 64
    return int(match[2]) - 1, column - 1


TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
ERROR_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def scan_open_document(archive: zipfile.ZipFile) -> dict[str, tuple[list[Mark], list[tuple]]]:
    found: dict[str, tuple[list[Mark], list[tuple]]] = {}
    with archive.open("content.xml") as stream:
        for _event, table in ElementTree.iterparse(stream):
            if table.tag == TABLE + "table":
                found[table.get(TABLE + "name", "")] = scan_open_table(table)
                table.clear()
    return found


def scan_open_table(table: ElementTree.Element) -> tuple[list[Mark], list[tuple]]:
    marks: list[Mark] = []
    merges: list[tuple] = []
    row_index = 0
    for row in table.iter(TABLE + "table-row"):
        column = 0
        for cell in row:
            if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
                continue
            height = int(cell.get(TABLE + "number-rows-spanned", 1))
            width = int(cell.get(TABLE + "number-columns-spanned", 1))
            if height > 1 or width > 1:
                merges.append((row_index, column, row_index + height - 1, column + width - 1))
            if cell.get(ERROR_TYPE) == "error":
                marks.append((row_index, column, "error", "".join(cell.itertext())))
            column += int(cell.get(TABLE + "number-columns-repeated", 1))
        row_index += int(row.get(TABLE + "number-rows-repeated", 1))
    return marks, merges


if __name__ == "__main__":
    file_kind, row_limit, column_limit, seconds = sys.argv[1], *map(int, sys.argv[2:5])
    limit_resources(file_kind, seconds)
    try:
        status = main(file_kind, row_limit, column_limit)
        sys.stdout.buffer.flush()
    except MemoryError:
        status = EXIT_TOO_LARGE
    except BaseException:
        # A panic in the parser is no Exception; whatever it is, the file can't be read.
        status = EXIT_DAMAGED
    sys.exit(status)
