"""Lists that stand side by side on one sheet: 名称 地址 | 名称 地址, with or without a blank column between."""

from ..headings import Vocabulary, normalize_heading
from ..reading.book import RawSheet, column_letter
from .layout import find_layout
from .rows import cell_text

LEAST_WIDTH = 2


def strips(sheet: RawSheet, vocabulary: Vocabulary) -> list[tuple[RawSheet, str]]:
    """The sheet, or each of its lists as a sheet of its own with the columns it fills ("F–I").

    A strip keeps its letters: the columns of its neighbours are blank in it.
    """
    layout = find_layout(sheet, 0, vocabulary)
    if layout is None or not layout.header:
        return [(sheet, "")]
    texts = [cell_text(cell) for cell in sheet.rows[layout.header[-1]]]
    spans = _spans(sheet, texts, layout.body, vocabulary)
    if len(spans) < 2:
        return [(sheet, "")]
    return [(_strip(sheet, first, last), f"{column_letter(first)}–{column_letter(last)}") for first, last in spans]


def _spans(sheet: RawSheet, texts: list[str], body: int, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """First and last column of each list, zero-based."""
    gaps = [i for i, text in enumerate(texts) if not text]
    spans = _between_gaps(sheet, texts, gaps, body) if gaps else []
    if len(spans) < 2:
        spans = _repeated(texts)
    fields = [{vocabulary.find(texts[i])[0] for i in range(first, last + 1)} - {None} for first, last in spans]
    # One list with a blank column in its middle names each field once.
    alike = len(spans) > 1 and all(
        len(found) >= LEAST_WIDTH and found & set().union(*fields[:place], *fields[place + 1 :])
        for place, found in enumerate(fields)
    )
    return spans if alike else []


def _between_gaps(sheet: RawSheet, texts: list[str], gaps: list[int], body: int) -> list[tuple[int, int]]:
    empty = [column for column in gaps if not any(len(row) > column and row[column] != "" for row in sheet.rows[body:])]
    spans, first = [], 0
    for column in (*empty, len(texts)):
        if column > first:
            spans.append((first, column - 1))
        first = column + 1
    return [span for span in spans if any(texts[span[0] : span[1] + 1])]


def _repeated(texts: list[str]) -> list[tuple[int, int]]:
    """Headings that begin anew: 序号 名称 地址 序号 名称 地址."""
    names = [normalize_heading(text) for text in texts]
    while names and not names[-1]:
        names.pop()
    if len(names) < 2 * LEAST_WIDTH or not names[0] or names[0] not in names[LEAST_WIDTH:]:
        return []
    width = names.index(names[0], LEAST_WIDTH)
    if len(names) % width or any(names[i] != names[i % width] for i in range(len(names))):
        return []
    return [(first, first + width - 1) for first in range(0, len(names), width)]


def _strip(sheet: RawSheet, first: int, last: int) -> RawSheet:
    before = [""] * first
    rows = [[*before, *row[first : last + 1]] if len(row) > first else [] for row in sheet.rows]
    merged = [merge for merge in sheet.merged if first <= merge.first_column and merge.last_column <= last]
    return RawSheet(sheet.name, rows, first_row=sheet.first_row, merged=merged, hidden=sheet.hidden)  # type: ignore[arg-type]
