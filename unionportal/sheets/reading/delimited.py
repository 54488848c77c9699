"""Text files: CSV and TSV in the encodings and with the separators that Chinese offices use."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from ..problems import refuse
from .book import ERROR_WORDS, ErrorValue, RawSheet, column_letter, share_texts
from .limits import MAX_COLUMNS, MAX_ROWS

DELIMITERS = (",", "\t", ";", "|", "，")
SAMPLE_LINES = 60
CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
END = "\x1eend of file\x1e"
# Chinese characters have three bytes in UTF-8; so many in one line are no accident.
FIRST_OF_THREE_BYTES, CERTAIN_CHARACTERS = "\u0800", 4
NAMED_LINES = 5
LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def decode(content: bytes) -> tuple[str, str]:
    """The text and the encoding it was in.

    Raises ``SheetFileError`` for bytes that are no text, and for lines of several encodings.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8", "gb18030"]
    line = 1
    for encoding in candidates:
        try:
            if encoding == "gb18030":
                content = content.removeprefix(codecs.BOM_UTF8)
                _refuse_mixed(content)
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            continue
        if CONTROL.search(text):
            raise refuse("file-not-spreadsheet", kind="binary")
        return text.rstrip("\x1a"), encoding
    raise refuse("text-undecodable", line=line)


def _refuse_mixed(content: bytes) -> None:
    """Lists that were pasted together: read as GB 18030, the lines in UTF-8 would say 鐢茶矾 for 甲路, unnoticed.

    Raises ``SheetFileError`` that names the lines in the rarer of the two encodings.
    """
    lines: dict[str, list[int]] = {"UTF-8": [], "GB 18030": []}
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.isascii() and (encoding := _encoding_of(line)):
            lines[encoding].append(number)
    rarer, usual = sorted(lines, key=lambda encoding: len(lines[encoding]))
    if lines[rarer]:
        shown = "、".join(str(number) for number in lines[rarer][:NAMED_LINES])
        raise refuse("text-encodings-mixed", lines=shown, count=len(lines[rarer]), encoding=rarer, usual=usual)


def _encoding_of(line: bytes) -> str:
    """The encoding a line must be in; "" where it may be either, or is in neither."""
    text, other = (_decoded(line, encoding) for encoding in ("utf-8", "gb18030"))
    if text is None:
        return "" if other is None else "GB 18030"
    # Two or three characters may be text in both encodings: 联通 in GB 18030 is a word in UTF-8.
    certain = sum(character >= FIRST_OF_THREE_BYTES for character in text) >= CERTAIN_CHARACTERS
    return "UTF-8" if certain or other is None else ""


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def read_delimited(content: bytes) -> tuple[RawSheet, str]:
    """The rows of a CSV or TSV file and its encoding. A record over several lines is one row, as in Excel."""
    text, encoding = decode(content)
    if not text.strip():
        raise refuse("file-empty")
    text, delimiter = _take_separator_line(text)
    delimiter = delimiter or sniff_delimiter(text)
    rows = _parse(text, delimiter)
    if any(word in text for word in ERROR_WORDS):
        for row in rows:
            row[:] = [ErrorValue(cell) if cell in ERROR_WORDS else cell for cell in row]
    return RawSheet("", rows), encoding


def _take_separator_line(text: str) -> tuple[str, str]:
    """Excel's own first line ``sep=;`` is an instruction, not a row."""
    match = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)
    return (text[match.end() :], match[1]) if match else (text, "")


def sniff_delimiter(text: str) -> str:
    """The separator that divides the first lines most evenly; a comma when none divides them at all."""
    sample = "".join(io.StringIO(text[: 256 * 1024], newline="").readlines()[:SAMPLE_LINES])
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            continue
        common, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
        # A comma inside the sentences of a one-column list splits few rows, and unevenly.
        score = (common - 1) ** 0.5 * (count / len(widths)) ** 2 if common > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _parse(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    seen: dict[str, str] = {}
    try:
        for row in csv.reader(_lines(text), delimiter=delimiter):
            rows.append(share_texts(row, seen))
            if len(rows) > MAX_ROWS + 1:
                raise refuse("too-many-rows", limit=MAX_ROWS)
            if len(row) > MAX_COLUMNS:
                raise refuse("too-many-columns", limit=MAX_COLUMNS, row=len(rows))
    except csv.Error as error:
        # A field longer than the module's limit: such a cell, or a quotation mark that is never closed.
        _refuse_long_cell(text, delimiter)
        raise refuse("quote-unclosed", row=len(rows) + 1) from error
    if rows.pop() != [END]:
        raise refuse("quote-unclosed", row=len(rows) + 1)
    return rows


def _refuse_long_cell(text: str, delimiter: str) -> None:
    """Raises ``SheetFileError`` that names the first overlong cell; nothing where the quotation marks don't close."""
    usual = csv.field_size_limit(len(text) + len(END))
    try:
        rows = list(csv.reader(_lines(text), delimiter=delimiter))
    finally:
        csv.field_size_limit(usual)
    if rows.pop() != [END]:
        return
    for number, row in enumerate(rows, start=1):
        for index, cell in enumerate(row):
            if len(cell) > usual:
                raise refuse("cell-too-long", row=number, column=column_letter(index), limit=usual)


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, one at a time: a copy of a long text as a file would take four times its room."""
    for match in LINE.finditer(text):
        line = match[0]
        yield line if line.endswith(("\n", "\r")) else f"{line}\r\n"
    # Without the closing line an unclosed quotation mark would swallow the rest of the file unseen.
    yield END
