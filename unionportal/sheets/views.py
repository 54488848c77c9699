"""What the page of a sheet shows, worked out from its examination.

Nothing here reads a request's file or writes: given an `Examination`, whether made just now or by a worker, it
sorts its problems and rows into what a clerk can read on one screen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from unionportal.sheets.examination import COLUMN_MARK, OpenedSheet
from unionportal.sheets.headings import MAPPED
from unionportal.sheets.problems import CODES, ERROR, NOTE, WARNING, Problem
from unionportal.sheets.resources import Outcome, Row, SheetResource

PROBLEMS_PER_PAGE = 50
ROWS_PER_PAGE = 30
SHOWN_VALUES = 6
LEVELS = {ERROR: gettext_lazy("error"), WARNING: gettext_lazy("warning"), NOTE: gettext_lazy("note")}
LEAVE_OUT = ""
UNDECIDED = "?"


# --- Headings ---------------------------------------------------------------------------------------------------


@dataclass
class HeadingLine:
    """A column of the file: its letter, its heading, samples, and the fields it may be."""

    key: str
    column: str
    heading: str
    samples: list[str]
    chosen: str
    suggestions: list[tuple[str, str]]
    fields: list[tuple[str, str]]
    is_unknown: bool


def heading_lines(opened: OpenedSheet) -> list[HeadingLine]:
    """Every column that has a heading or a value, in the order of the file."""
    resource = opened.resource
    fields = [(column.name, column.column_name) for column in resource.columns]
    counts = Counter(match.heading.strip() for match in opened.headings)
    lines = []
    for match, samples in zip(opened.headings, opened.samples(), strict=True):
        heading = match.heading.strip()
        if not heading and not samples:
            continue
        alone = bool(heading) and counts[heading] == 1
        settled = match.how == MAPPED or (bool(heading) and resource.ignores(heading))
        lines.append(
            HeadingLine(
                key=heading if alone else f"{COLUMN_MARK}{match.column}",
                column=match.column,
                heading=heading,
                samples=samples,
                chosen=match.field or (LEAVE_OUT if settled else UNDECIDED),
                suggestions=[(name, resource.label_of(name)) for name in match.suggestions],
                fields=fields,
                is_unknown=match.field is None and not settled,
            )
        )
    return lines


def mapping_from(data: Mapping[str, str], lines: Sequence[HeadingLine]) -> dict[str, str]:
    """What a person has chosen for the columns, as far as it differs from what was found."""
    mapping: dict[str, str] = {}
    for line in lines:
        known = {name for name, _label in line.fields}
        said = data.get(f"column-{line.column}", line.chosen)
        if said != line.chosen and (said in known or said == LEAVE_OUT):
            mapping[line.key] = said
    return mapping


def names_twice(mapping: Mapping[str, str], resource: type[SheetResource]) -> list[str]:
    """Labels of fields that were chosen for two columns although they can have but one."""
    chosen = Counter(name for name in mapping.values() if name)
    return [column.column_name for column in resource.columns if not column.repeatable and chosen[column.name] > 1]


# --- Problems ---------------------------------------------------------------------------------------------------


@dataclass
class ProblemGroup:
    """Problems of one code: how many, and what the code means."""

    code: str
    level: str
    level_name: str
    count: int
    example: str
    remedy: str
    is_chosen: bool
    query: str


@dataclass
class ProblemLine:
    """A problem as shown: with the name of its level and the spreadsheet's own place."""

    found: Problem
    level_name: str
    place: str


def problem_groups(counted: Sequence[tuple[str, str, int, str]], query: Mapping[str, str]) -> list[ProblemGroup]:
    """Errors first, then warnings, then notes; within a level the most frequent first.

    `counted` are level, code, count and the first message of the code.
    """
    rank = {ERROR: 0, WARNING: 1, NOTE: 2}
    groups = []
    for level, code, count, first in sorted(counted, key=lambda one: (rank[one[0]], -one[2], one[1])):
        chosen = query.get("code") == code and query.get("level", level) == level
        remedy = str(CODES[code].remedy) if code in CODES else ""
        again = "" if chosen else urlencode({"level": level, "code": code})
        groups.append(ProblemGroup(code, level, str(LEVELS[level]), count, first, remedy, chosen, again))
    return groups


def problem_page(problems: list[Problem], query: Mapping[str, str]) -> Page[Any]:
    """One page of the problems that the query's level and code leave, row by row."""
    chosen = [
        found
        for found in problems
        if query.get("level") in (None, "", found.level) and query.get("code") in (None, "", found.code)
    ]
    page: Any = Paginator(chosen, PROBLEMS_PER_PAGE).get_page(query.get("p"))
    page.object_list = [ProblemLine(found, str(LEVELS[found.level]), _place(found)) for found in page.object_list]
    return page


def _place(found: Problem) -> str:
    """Where a problem lies, as a person would look it up: "D12", "row 12", "column D", "the file"."""
    cell = f"{found.column or ''}{found.row or ''}"
    if found.row and not found.column:
        cell = _("row %(row)s") % {"row": found.row}
    elif found.column and not found.row:
        cell = _("column %(column)s") % {"column": found.column}
    return f"{found.sheet} {cell}".strip() or _("the file")


# --- Rows -------------------------------------------------------------------------------------------------------


@dataclass
class RowLine:
    """A row as the preview shows it: what becomes of it, and for each field the old and the new text."""

    number: str
    label: str
    outcome: str
    outcome_name: str
    values: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]
    errors: list[str]


OUTCOMES = {
    Outcome.CREATED: gettext_lazy("new"),
    Outcome.UPDATED: gettext_lazy("changed"),
    Outcome.UNCHANGED: gettext_lazy("unchanged"),
    Outcome.REJECTED: gettext_lazy("rejected"),
}


def row_page(lines: Sequence[RowLine], query: Mapping[str, str]) -> Page[Any]:
    """One page of the rows of the outcome that the query asks for; all of them without one."""
    wanted = query.get("show", "")
    return Paginator([line for line in lines if wanted in ("", line.outcome)], ROWS_PER_PAGE).get_page(query.get("r"))


def row_line(row: Row, resource: SheetResource) -> RowLine:
    """A row as the preview shows it, its private values masked."""
    values: list[tuple[str, str]] = []
    if row.outcome in (Outcome.CREATED, Outcome.REJECTED):
        for name, cells in row.cells.items():
            column = resource.by_name[name]
            shown = "；".join(filter(None, (str(resource.masked(column, cell.value or "")) for cell in cells)))
            if shown and shown != row.label:
                values.append((column.column_name, shown))
    return RowLine(
        number=f"{row.sheet} {row.number}".strip(),
        label=row.label or "—",
        outcome=row.outcome.value,
        outcome_name=str(OUTCOMES[row.outcome]),
        values=values[:SHOWN_VALUES],
        changes=[(resource.label_of(name), old or "—", new or "—") for name, (old, new) in row.changes.items()],
        errors=[found.message for found in row.problems if found.level == ERROR],
    )


def outcome_tabs(counts: Mapping[str, int], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The counts by outcome, each a filter of the preview."""
    shown = query.get("show", "")
    tabs = [{"name": _("all"), "value": "", "count": counts["rows"], "is_chosen": not shown}]
    for outcome, name in OUTCOMES.items():
        count = counts[outcome.value]
        tabs.append({"name": name, "value": outcome.value, "count": count, "is_chosen": shown == outcome.value})
    return tabs
