"""What was found in a file, as its page shows it: worked out at once for a short list, kept sealed for a long one."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections import Counter
from dataclasses import dataclass, field

from unionportal.privacy import seal_bytes, unseal_bytes
from unionportal.sheets.examination import Examination, OpenedSheet
from unionportal.sheets.problems import Problem
from unionportal.sheets.resources import Outcome
from unionportal.sheets.tables import Table
from unionportal.sheets.views import HeadingLine, RowLine, heading_lines, row_line

_SEALED_FOR = "sheets.SheetRun.report"
# What a page can be leafed through for; the counts go on.
MOST_PROBLEMS = 5000
MOST_ROWS_OF_AN_OUTCOME = 1500


@dataclass
class ListFound:
    """One list of the file as the page names it."""

    label: str
    row_count: int
    sheet_name: str = ""
    header_rows: tuple[int, ...] = ()
    titles: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, table: Table) -> ListFound:
        return cls(table.label, table.row_count, table.sheet_name, tuple(table.header_rows), table.titles)


@dataclass
class Report:
    """All that the page of a sheet shows. Values in it are masked as `SheetResource.masked` does.

    `groups` counts problems by (level, code); `problems` and `lines` may be cut where the list is long, and
    `is_cut` says so. `counts` is empty where the rows could not be read yet.
    """

    tables: list[ListFound]
    table: ListFound
    headings: list[HeadingLine]
    asks_datum: bool
    counts: dict[str, int] = field(default_factory=dict)
    groups: list[tuple[str, str, int, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: list[RowLine] = field(default_factory=list)
    is_cut: bool = False

    @property
    def writes(self) -> int:
        """Rows that would be written."""
        return self.counts.get("created", 0) + self.counts.get("updated", 0)

    @property
    def beforehand(self) -> list[str]:
        """What to know before anything is written: the same file was applied before, another list was not read."""
        return [found.message for found in self.problems if found.code in ("file-repeated", "other-tables")]

    @classmethod
    def of_opened(cls, opened: OpenedSheet) -> Report:
        """As far as the headings."""
        return cls(
            [ListFound.of(table) for table in opened.tables],
            ListFound.of(opened.table),
            heading_lines(opened),
            opened.resource.asks_datum,
        )

    @classmethod
    def of(cls, found: Examination) -> Report:
        report = cls.of_opened(OpenedSheet(found.resource, found.tables, found.table, found.headings))
        report.counts = found.counts
        problems = found.problems
        first: dict[tuple[str, str], str] = {}
        for one in problems:
            first.setdefault((one.level, one.code), one.message)
        counted = Counter((one.level, one.code) for one in problems)
        report.groups = [(level, code, count, first[level, code]) for (level, code), count in counted.items()]
        report.problems = _few_of_each(problems)
        shown: Counter[Outcome] = Counter()
        for row in found.rows:
            shown[row.outcome] += 1
            if shown[row.outcome] <= MOST_ROWS_OF_AN_OUTCOME:
                report.lines.append(row_line(row, found.resource))
        report.is_cut = len(report.problems) < len(problems) or len(report.lines) < len(found.rows)
        return report

    # --- Kept for the page -----------------------------------------------------------------------------------

    def sealed(self) -> bytes:
        text = json.dumps(dataclasses.asdict(self), ensure_ascii=False, default=str)
        return seal_bytes(zlib.compress(text.encode(), 6), _SEALED_FOR)

    @classmethod
    def unsealed(cls, sealed: bytes) -> Report:
        """Raises PrivacyError where the bytes were not sealed as a report."""
        data = json.loads(zlib.decompress(unseal_bytes(sealed, _SEALED_FOR)))
        data["tables"] = [ListFound(**table) for table in data["tables"]]
        data["table"] = ListFound(**data["table"])
        data["headings"] = [HeadingLine(**line) for line in data["headings"]]
        data["problems"] = [Problem(**found) for found in data["problems"]]
        data["lines"] = [RowLine(**line) for line in data["lines"]]
        data["groups"] = [tuple(group) for group in data["groups"]]
        return cls(**data)


def _few_of_each(problems: list[Problem]) -> list[Problem]:
    """All problems of a short list; of a long one the first of every code, so that none is crowded out."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    codes = len({found.code for found in problems})
    share = max(MOST_PROBLEMS // codes, 1)
    seen: Counter[str] = Counter()
    kept = []
    for found in problems:
        seen[found.code] += 1
        if seen[found.code] <= share:
            kept.append(found)
    return kept
