"""Where the headings of a list stand on a sheet."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..headings import Vocabulary, is_list_title
from ..reading.book import Merge, RawSheet
from .rows import REMARKS, cell_text, filled_cells, is_blank_row, is_unit_row

MAX_HEADING_LENGTH = 40
LOOK_AHEAD = 30
NUMBER_LIKE = re.compile(
    r"[-+]?[\d.,，%]+$|\d{4}[-./年]\d{1,2}.*|\d{1,2}[:：]\d{2}.*|1\d{10}$|[\w.]+@[\w.]+$|https?://"
)


class Layout(NamedTuple):
    """Zero-based rows of a list's headings; ``header`` is empty for a list without headings.

    ``units`` is the line of units below the headings, which belongs to them.
    """

    titles: list[int]
    header: tuple[int, ...]
    body: int
    hits: int
    units: int | None = None


def looks_like_heading(cell: Any) -> bool:
    """Short text that is no number, date, time, telephone or address of the web."""
    text = cell_text(cell)
    return bool(text) and len(text) <= MAX_HEADING_LENGTH and not NUMBER_LIKE.match(text)


def known_headings(texts: Sequence[Any], vocabulary: Vocabulary) -> int:
    """How many different fields the texts name."""
    return len({vocabulary.find(text)[0] for text in map(cell_text, texts) if text} - {None})


def is_heading_row(row: Sequence[Any], vocabulary: Vocabulary) -> bool:
    """True for a row that names at least two fields and holds nothing but short texts."""
    cells = [cell for _i, cell in filled_cells(row)]
    if not cells or not all(looks_like_heading(cell) for cell in cells):
        return False
    hits = known_headings(cells, vocabulary)
    return hits >= 2 and hits * 3 >= len(cells)


def find_layout(sheet: RawSheet, start: int, vocabulary: Vocabulary) -> Layout | None:
    """The heading rows of the first list at or below row ``start``; None where nothing is left."""
    candidates: list[int] = []
    for index in range(start, len(sheet.rows)):
        if not is_blank_row(sheet.rows[index]):
            candidates.append(index)
            if len(candidates) == LOOK_AHEAD:
                break
    if not candidates:
        return None
    best: tuple[int, tuple[int, ...]] = (0, ())
    for index in candidates:
        hits, header = _hits_at(sheet, index, vocabulary)
        if best[0] >= 2 and (index > best[1][-1] + 1 or hits <= best[0]):
            break
        if hits > best[0]:
            best = hits, header
    hits, header = best
    if hits >= 2 or (hits == 1 and _single_hit_counts(sheet, header, candidates)):
        body = header[-1] + 1
        units = body if body < len(sheet.rows) and is_unit_row(sheet.rows[body]) else None
        titles = [i for i in candidates if i < header[0]]
        return Layout(titles, header, body if units is None else body + 1, hits, units)
    return _layout_without_known_words(sheet, candidates)


def _hits_at(sheet: RawSheet, index: int, vocabulary: Vocabulary) -> tuple[int, tuple[int, ...]]:
    row = sheet.rows[index]
    cells = [cell for _i, cell in filled_cells(row)]
    if not all(looks_like_heading(cell) for cell in cells) or REMARKS.match(cell_text(cells[0])):
        return 0, (index,)
    hits = known_headings(cells, vocabulary)
    below = index + 1
    if below < len(sheet.rows) and _has_sub_headings(sheet, index):
        deep = _has_third_row(sheet, index)
        header = (index, below, below + 1) if deep else (index, below)
        joined = join_headings(sheet, header)
        together = len({vocabulary.find(text, group)[0] for group, text in joined if text} - {None})
        # A cell merged over all three rows says more than the words in them.
        if deep and together >= 2:
            return max(together, hits), header
        if together >= max(hits, 2) and together >= known_headings(sheet.rows[below], vocabulary):
            return together, header
    # In a data row a known word may stand by chance; most cells of a heading row are words of its kind.
    return (hits if hits * 4 >= len(cells) else min(hits, 1)), (index,)


def _has_sub_headings(sheet: RawSheet, index: int) -> bool:
    """True where a row of group headings stands above a row of sub headings."""
    top, below = sheet.rows[index], sheet.rows[index + 1]
    lower = filled_cells(below)
    if len(filled_cells(top)) < 2 or not lower or not all(looks_like_heading(cell) for _i, cell in lower):
        return False
    groups = [m for m in sheet.merged if m.first_row == m.last_row == index and m.last_column > m.first_column]
    if groups:
        return any(group.first_column <= i <= group.last_column for group in groups for i, _cell in lower)
    if sheet.merged:
        return False
    # Without merged cells (CSV): the sub headings fill gaps of the upper row, and only start at its cells.
    upper = {i for i, _cell in filled_cells(top)}
    gaps = [i for i, _cell in lower if i not in upper]
    return (
        bool(gaps)
        and all(i in upper or i - 1 in {j for j, _c in lower} for i, _cell in lower)
        and min(upper) <= lower[0][0]
    )


def _has_third_row(sheet: RawSheet, index: int) -> bool:
    """True where a heading of the first row is merged over three rows: 序号 beside 设施 / 饮水 / 饮水机."""
    last = index + 2
    if last >= len(sheet.rows) or not any(
        merge.first_row == index and merge.last_row == last and merge.first_column == merge.last_column
        for merge in sheet.merged
    ):
        return False
    return all(looks_like_heading(cell) for _i, cell in filled_cells(sheet.rows[last]))


def is_own_template(sheet: RawSheet, layout: Layout, vocabulary: Vocabulary) -> bool:
    """Whether the headings may be those the portal writes: required ones starred, or nothing but labels of fields."""
    labels = {words[1] for words in vocabulary.synonyms.values() if len(words) > 1}
    texts = [cell_text(cell) for index in layout.header for _i, cell in filled_cells(sheet.rows[index])]
    starred = any(text.startswith("*") and vocabulary.find(text)[0] for text in texts)
    return starred or (bool(texts) and all(text in labels for text in texts))


def join_headings(sheet: RawSheet, header: tuple[int, ...]) -> list[tuple[str, str]]:
    """For each column the group heading above it ("" where there is none) and its own heading."""
    if not header:
        return []
    upper = [_one_line(cell) for cell in sheet.rows[header[0]]]
    if len(header) == 1:
        return [("", text) for text in upper]
    below = join_headings(sheet, header[1:])
    width = max(len(upper), len(below))
    upper += [""] * (width - len(upper))
    below += [("", "")] * (width - len(below))
    groups = _spread_groups(upper, [text for _group, text in below], header, sheet.merged)
    return [
        ("", group) if not sub or sub == group else (nearer or group, sub)
        for group, (nearer, sub) in zip(groups, below, strict=True)
    ]


def _spread_groups(upper: list[str], lower: list[str], header: tuple[int, ...], merged: Sequence[Merge]) -> list[str]:
    """Each column's group heading; a merged one covers its columns, and may cover rows above the last."""
    groups = list(upper)
    row = header[0]
    spans = [merge for merge in merged if merge.first_row == row and merge.last_row < header[-1]]
    for span in spans:
        for column in range(span.first_column, min(span.last_column + 1, len(groups))):
            groups[column] = upper[span.first_column]
    if not spans:
        for column in range(1, len(groups)):
            if not groups[column] and lower[column]:
                groups[column] = groups[column - 1]
    return groups


def _one_line(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _single_hit_counts(sheet: RawSheet, header: tuple[int, ...], candidates: list[int]) -> bool:
    """One known word makes a heading row if nothing fuller and equally wordy stands above it."""
    filled = len(filled_cells(sheet.rows[header[0]]))
    widest = max(len(filled_cells(sheet.rows[i])) for i in candidates)
    above = [i for i in candidates if i < header[0]]
    if any(len(filled_cells(sheet.rows[i])) >= max(filled, 2) for i in above):
        return False
    return filled * 2 >= widest or filled >= 3


def _layout_without_known_words(sheet: RawSheet, candidates: list[int]) -> Layout:
    """No word is known: titles first, then perhaps headings in a foreign tongue, then the entries."""
    titles: list[int] = []
    widest = max(len(filled_cells(sheet.rows[i])) for i in candidates)
    for position, index in enumerate(candidates):
        filled = filled_cells(sheet.rows[index])
        text = cell_text(filled[0][1])
        if widest == 1 and is_list_title(text):
            # The title of a one-column list is the only heading it has.
            return Layout(titles, (index,), index + 1, 0)
        if len(filled) == 1 and (widest > 1 or REMARKS.match(text)) and position + 1 < len(candidates):
            titles.append(index)
            continue
        rest = candidates[position + 1 : position + 12]
        if widest > 1 and _differs_from_entries(sheet, index, rest):
            return Layout(titles, (index,), index + 1, 0)
        return Layout(titles, (), index, 0)
    return Layout([], (), candidates[0], 0)


def _differs_from_entries(sheet: RawSheet, index: int, rest: list[int]) -> bool:
    """True where a row of distinct words stands above columns of numbers, dates or longer texts."""
    row = filled_cells(sheet.rows[index])
    texts = [cell_text(cell) for _i, cell in row]
    if len(row) < 2 or not all(looks_like_heading(cell) for _i, cell in row) or len(set(texts)) < len(texts):
        return False
    for column, cell in row:
        below = [sheet.rows[i][column] for i in rest if column < len(sheet.rows[i]) and sheet.rows[i][column] != ""]
        if below and all(_is_value(value) for value in below):
            return True
        # Every entry of the column longer than its heading, and by far: an address below "address".
        if len(below) >= 3 and all(len(str(value)) >= 2 * len(str(cell)) + 2 for value in below):
            return True
    return False


def _is_value(cell: Any) -> bool:
    if isinstance(cell, int | float | dt.date | dt.time):
        return True
    return bool(NUMBER_LIKE.match(cell_text(cell)))
