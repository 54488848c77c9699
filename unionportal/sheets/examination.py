"""From a file to everything that can be said of it before a row is written.

``examine`` is the whole way: read the file, choose its table, match the headings, read every cell of every row,
find what each row means and what it would change. Nothing is written, and every problem is found at once.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from unionportal.bulk import without_collector
from unionportal.sheets.cells import as_text
from unionportal.sheets.headings import MAPPED, MatchedHeading, Vocabulary, match_headings
from unionportal.sheets.problems import ERROR, WARNING, Problem, problem, refuse
from unionportal.sheets.reading import read_file
from unionportal.sheets.reading.book import CellMarker, ErrorValue
from unionportal.sheets.resources import Context, SheetResource, kinds
from unionportal.sheets.rows import Outcome, Place, Row, masked_text
from unionportal.sheets.tables import Table, find_tables, named
from unionportal.sheets.tables.rows import DATA

# Told while a file is read: rows done, rows in all, and the problems found since the last word. What it raises ends
# the examination.
Progress = Callable[[int, int, Sequence[Problem]], None]
PROGRESS_ROWS = 500

# In a mapping, a column without a heading, or one that shares its heading, is named by its letter: "#C".
COLUMN_MARK = "#"


@dataclass
class Examination:
    """What was found in a file. `rows` are all data rows, in the file's order, each with its outcome."""

    resource: SheetResource
    tables: list[Table]
    table: Table
    headings: list[MatchedHeading]
    rows: list[Row]
    file_problems: list[Problem] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, and in all: rows = created + updated + unchanged + rejected."""
        found = Counter(row.outcome.value for row in self.rows)
        return {"rows": len(self.rows)} | {outcome.value: found[outcome.value] for outcome in Outcome}

    @property
    def problems(self) -> list[Problem]:
        """Of the file first, then row by row."""
        return [*self.file_problems, *(found for row in self.rows for found in row.problems)]

    @property
    def good_rows(self) -> list[Row]:
        return [row for row in self.rows if row.outcome is not Outcome.REJECTED]

    def as_dict(self, *, applied: bool) -> dict[str, Any]:
        """The answer of ``manage.py sheet import --format json``."""
        return {
            "sheet": self.resource.kind,
            **self.counts,
            "applied": applied,
            "headings": [
                {"heading": match.heading, "column": match.column, "field": match.field or None}
                for match in self.headings
            ],
            "problems": [found.as_dict() for found in self.problems if found.level in (ERROR, WARNING)],
        }


@dataclass
class OpenedSheet:
    """A file as far as its headings: the lists found in it, the one chosen, and what its columns mean."""

    resource: SheetResource
    tables: list[Table]
    table: Table
    headings: list[MatchedHeading]

    def samples(self, limit: int = 3) -> list[list[str]]:
        """For each column its first few different values, as a person may see them."""
        found: list[list[str]] = [[] for _heading in self.headings]
        for number, line in enumerate(self.table.rows()):
            if number > 200 or all(len(values) >= limit for values in found):
                break
            if line.kind != "data":
                continue
            for values, match in zip(found, self.headings, strict=True):
                text = self._shown(match, line.values[match.index] if match.index < len(line.values) else None)
                if text and text not in values and len(values) < limit:
                    values.append(text)
        return found

    def _shown(self, match: MatchedHeading, value: Any) -> str:
        text = as_text(value).strip()
        column = self.resource.by_name.get(match.field or "")
        return str(self.resource.masked(column, text)) if column and text else masked_text(text)


def open_sheet(
    source: str | BinaryIO,
    filename: str,
    resource_class: type[SheetResource],
    context: Context,
    *,
    table: int = 0,
    mapping: dict[str, str] | None = None,
) -> OpenedSheet:
    """Read a file as far as its headings. `table` is the index among the tables found, best first.

    `mapping` is what a person said: heading, or "#" and a column letter, to field, or to "" to leave it out.
    Raises SheetFileError where the file cannot be used at all.
    """
    book = read_file(source, filename)
    resource = resource_class(context)
    vocabulary = resource.vocabulary()
    tables = find_tables(book, vocabulary)
    if not tables:
        raise refuse("table-missing")
    if table >= len(tables):
        raise refuse("table-unknown", value=table + 1, count=len(tables), names=named(tables))
    chosen = tables[table]
    context.sheet_name = chosen.sheet_name
    return OpenedSheet(resource, tables, chosen, _match(chosen, vocabulary, mapping or {}, resource))


def _match(
    table: Table, vocabulary: Vocabulary, mapping: dict[str, str], resource: SheetResource
) -> list[MatchedHeading]:
    by_letter = {key[1:]: name for key, name in mapping.items() if key.startswith(COLUMN_MARK)}
    by_heading = {key: name for key, name in mapping.items() if not key.startswith(COLUMN_MARK)}
    unknown = sorted({name for name in mapping.values() if name and name not in resource.by_name})
    if unknown:
        raise refuse("mapping-unknown", value=", ".join(unknown), known=", ".join(resource.by_name))
    headings = match_headings(table.headings, vocabulary, by_heading)
    said = set(by_letter.values()) - vocabulary.repeatable
    return [
        replace(match, field=by_letter[match.column] or None, how=MAPPED, suggestions=[], rival="")
        if match.column in by_letter
        else replace(match, field=None, how=MAPPED)
        if match.field in said
        else match
        for match in _prefer_chinese(headings)
    ]


def _prefer_chinese(headings: list[MatchedHeading]) -> list[MatchedHeading]:
    """Of two columns that mean the same, "类别" goes before "type": in a dump the latter holds a code."""
    settled = list(headings)
    for later, match in enumerate(headings):
        if not match.rival or match.heading.isascii() or not match.suggestions:
            continue
        name = match.suggestions[0]
        first = next((i for i, other in enumerate(settled) if other.field == name), None)
        if first is None or settled[first].how == MAPPED or not settled[first].heading.isascii():
            continue
        holder = settled[first]
        settled[later] = replace(match, field=name, how=holder.how, suggestions=[], rival="")
        settled[first] = replace(holder, field=None, how=None, suggestions=[name], rival=match.heading)
    return settled


def examine(
    source: str | BinaryIO,
    filename: str,
    resource_class: type[SheetResource],
    context: Context,
    *,
    table: int = 0,
    mapping: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> Examination:
    """Read a file as a sheet of one kind and say everything about every row; see `open_sheet`.

    Raises SheetFileError where the file cannot be used at all, and whatever `progress` raises.
    """
    opened = open_sheet(source, filename, resource_class, context, table=table, mapping=mapping)
    return examine_opened(opened, mapping=mapping, progress=progress)


def examine_opened(
    opened: OpenedSheet, *, mapping: dict[str, str] | None = None, progress: Progress | None = None
) -> Examination:
    """`examine` for a file whose headings have been read. Nothing of the file itself is needed any more."""
    resource, chosen = opened.resource, opened.table
    headings, file_problems = _settle_headings(resource, opened.headings, mapping or {})
    for match in headings:
        if match.field:
            resource.context.hints.update(match.hints)
    rows = list(_rows(chosen, headings))
    passes = Passes(sum(row.kind == DATA for row in rows), progress)
    resource.context.passing = passes.checking
    found = Examination(resource, opened.tables, chosen, headings, rows, [*chosen.problems, *file_problems])
    resource.prepare()
    entries = [row for row in rows if row.kind == DATA]
    with without_collector():
        for row in passes.reading(entries):
            resource.read_row(row)
        resource.forget_cells()
        # A row that is refused already is checked on: the clerk is to see everything at once, and of two rows that
        # mean one record both are named, whatever else is wrong with them.
        resource.check_rows(entries)
        resource.identify(entries)
        for row in passes.comparing(rows):
            _conclude(resource, row)
        resource.check_outcome([row for row in rows if not row.is_rejected])
    for row in rows:
        if row.is_rejected:
            row.outcome, row.changes = Outcome.REJECTED, {}
    found.file_problems += resource.context.problems
    return found


class Passes:
    """The three times that the rows are gone through: read, checked, compared with what is on record.

    Each is a third of the way of a row, so that what `progress` is told goes on from the first to the last.
    """

    COUNT = 3

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total, progress

    def reading(self, rows: Sequence[Row]) -> Iterator[Row]:
        return self._over(rows, 0)

    def checking(self, rows: Sequence[Row]) -> Iterator[Row]:
        return self._over(rows, 1)

    def comparing(self, rows: Sequence[Row]) -> Iterator[Row]:
        return self._over(rows, 2)

    def _over(self, rows: Sequence[Row], passed: int) -> Iterator[Row]:
        return iter(rows) if self._progress is None else self._telling(rows, passed, self._progress)

    def _telling(self, rows: Sequence[Row], passed: int, progress: Progress) -> Iterator[Row]:
        fresh: list[Problem] = []
        for number, row in enumerate(rows, start=1):
            known = len(row.problems) if passed else 0
            yield row
            fresh += row.problems[known:]
            if number % PROGRESS_ROWS == 0 or number == len(rows):
                progress(self._total * (passed * len(rows) + number) // (self.COUNT * len(rows)), self._total, fresh)
                fresh = []


def _settle_headings(
    resource: SheetResource, headings: list[MatchedHeading], mapping: dict[str, str]
) -> tuple[list[MatchedHeading], list[Problem]]:
    """Unknown headings become warnings; a missing required one refuses the file, unless the list has but one
    column, which then holds the lone field.
    """
    problems: list[Problem] = []
    matched = {match.field for match in headings if match.field}
    required = [column for column in resource.columns if column.required]
    if not any(column.name in matched for column in required) and len(headings) == 1 and not mapping:
        headings = [replace(headings[0], field=resource.lone_field)]
        matched = {resource.lone_field}
    for match in headings:
        if not match.field and match.how != "mapped" and not resource.ignores(match.heading):
            problems.append(
                problem(
                    "heading-repeated" if match.rival else "heading-unknown",
                    column=match.column,
                    heading=match.heading,
                    first=match.rival,
                )
            )
    for column in required:
        if column.name not in matched:
            perhaps = _looks_like(resource, headings)
            raise refuse("heading-required", heading=column.column_name, field=column.name, perhaps=perhaps)
    return headings, problems


def _looks_like(resource: SheetResource, headings: Sequence[MatchedHeading]) -> str:
    """The words that name another kind of sheet, where it has all its required columns in the headings and knows more
    of them than `resource` does; "" otherwise.
    """
    texts = [match.heading for match in headings]
    known, other = sum(match.field is not None for match in headings), None
    for kind in kinds():
        ready = kind(resource.context)
        fields = {match.field for match in match_headings(texts, ready.vocabulary())} - {None}
        required = {column.name for column in ready.columns if column.required}
        if kind is not type(resource) and required <= fields and len(fields) > known:
            known, other = len(fields), kind
    return _(" It looks like a list of another kind: “%(kind)s”.") % {"kind": other.title} if other else ""


_PLAIN_TYPES = frozenset((str, float, int, bool, type(None), datetime.date, datetime.datetime, datetime.time))


def _rows(table: Table, headings: Sequence[MatchedHeading]) -> Iterator[Row]:
    """Data rows with their cells; totals, notes and cells that hold no value are rejected here."""
    places: dict[str, list[Place]] = {}
    for match in headings:
        if match.field:
            places.setdefault(match.field, []).append(Place(match.index, match.column, match.heading))
    for line in table.rows():
        row = Row(line.number, line.sheet, line.values, places, line.kind)
        if line.kind != DATA:
            row.report(f"{line.kind}-row", value=line.text)
        elif not _PLAIN_TYPES.issuperset(map(type, line.values)):
            _report_markers(row)
        yield row


def _report_markers(row: Row) -> None:
    """Formulas without a saved result and error values are problems, and are not read as text."""
    for name, places in row.places.items():
        for place in places:
            value = row.raw[place.at] if place.at < len(row.raw) else None
            if isinstance(value, CellMarker):
                row.problems.append(
                    problem(
                        "error-value" if isinstance(value, ErrorValue) else "formula-without-value",
                        row=row.number,
                        column=place.column,
                        heading=place.heading,
                        field=name,
                        value=str(value),
                        sheet=row.sheet,
                    )
                )
    row.raw = [None if isinstance(value, CellMarker) else value for value in row.raw]


def _conclude(resource: SheetResource, row: Row) -> None:
    if row.is_rejected:
        return
    resource.compare(row)
    if row.existing is None:
        row.outcome = Outcome.CREATED
    else:
        row.outcome = Outcome.UPDATED if row.changes else Outcome.UNCHANGED
