"""A row of a sheet on its way into the database: its cells, what was read from them, and what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from unionportal.privacy import mask_id_number, mask_phone
from unionportal.sheets.cells import as_text
from unionportal.sheets.problems import ERROR, Problem, problem
from unionportal.sheets.reading.book import CellMarker
from unionportal.sheets.writing.safe import FORMULA_STARTS

# As people write them: in groups (138 0013 8000) and in full width. A point between groups of other lengths is a
# decimal's.
_MOBILE = re.compile(r"(?<!\d)[1１][3-9３-９]\d(?:(?:[ \-·－]?\d){8}|\.\d{4}\.\d{4})(?!\d)")
_ID_NUMBER = re.compile(r"(?<!\d)\d(?:[ \-·－]?\d){16}[ \-·－]?[\dXxＸｘ](?!\d)")


def masked_text(text: str) -> str:
    """A cell as a report may show it: mobile and identity numbers in it are masked, whatever the column."""
    text = _ID_NUMBER.sub(lambda found: mask_id_number(_compact(found[0])), text)
    return _MOBILE.sub(lambda found: mask_phone(_compact(found[0])), text)


def _compact(number: str) -> str:
    return re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", number).upper())


class Outcome(Enum):
    """What becomes, or would become, of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(slots=True)
class CellFound:
    """A cell with its place: column letter, heading as written, value as found."""

    column: str
    heading: str
    value: Any


class Place(NamedTuple):
    """Where the cells of a field stand in a line: zero-based, column letter, heading as written."""

    at: int
    column: str
    heading: str


Places = Mapping[str, Sequence[Place]]
# Field -> (old, new), as text.
Changes = dict[str, tuple[str, str]]


@dataclass(slots=True)
class Row:
    """A row on its way: the line as found, the values read from it, and what is wrong.

    `raw` are the cells of the line, `places` says which of them belong to a field; all rows of a list share it.
    `values` holds only fields whose cell was not blank and could be read: a blank cell leaves what is known.
    `changes` is empty where the row is rejected.
    """

    number: int
    sheet: str
    raw: Sequence[Any] = ()
    places: Places = field(default_factory=dict)
    # "data", or why the line is no entry: "total", "note", "section".
    kind: str = "data"
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    existing: Any = None
    outcome: Outcome = Outcome.CREATED
    changes: Changes = field(default_factory=dict)
    label: str = ""
    _cells: dict[str, list[CellFound]] | None = None

    @property
    def cells(self) -> dict[str, list[CellFound]]:
        """The cells by field, made at the first call and kept, so that a sheet may rearrange them.

        They take ten times the memory of the line: to ask of one field, `has` and `cell` do.
        """
        if self._cells is None:
            self._cells = {
                name: [CellFound(place.column, place.heading, self._value(place)) for place in places]
                for name, places in self.places.items()
            }
        return self._cells

    @property
    def is_rearranged(self) -> bool:
        """Whether somebody has asked for `cells` and may have changed them."""
        return self._cells is not None

    def has(self, name: str) -> bool:
        """Whether the list has a column for the field."""
        return name in (self.places if self._cells is None else self._cells)

    def cell(self, name: str) -> CellFound | None:
        """The first cell of a field."""
        if self._cells is not None:
            return next(iter(self._cells.get(name, ())), None)
        place = next(iter(self.places.get(name, ())), None)
        return CellFound(place.column, place.heading, self._value(place)) if place else None

    def _value(self, place: Place) -> Any:
        return unguarded(self.raw[place.at]) if place.at < len(self.raw) else None

    @property
    def is_rejected(self) -> bool:
        return any(found.level == ERROR for found in self.problems)

    def drop(self, code: str) -> None:
        """Take a problem back that the rest of the row has solved."""
        self.problems = [found for found in self.problems if found.code != code]

    def report(
        self, code: str, field_name: str = "", *, level: str | None = None, value: Any = None, **params: Any
    ) -> None:
        """Add a problem at the first cell of `field_name` (or at the row as a whole)."""
        cell = self.cell(field_name)
        found = value if value is not None else (cell.value if cell else "")
        self.problems.append(
            problem(
                code,
                row=self.number,
                column=cell.column if cell else None,
                heading=cell.heading if cell else "",
                field=field_name,
                value=masked_text(as_text(found)),
                sheet=self.sheet,
                level=level,
                **params,
            )
        )


def unguarded(value: Any) -> Any:
    """A text without the apostrophe that an exported CSV sets before what would be run as a formula."""
    guarded = isinstance(value, str) and not isinstance(value, CellMarker) and value.startswith("'")
    return value[1:] if guarded and value[1:].startswith(FORMULA_STARTS) else value


def numbers_of(rows: Iterable[Row]) -> str:
    """The numbers of several rows as a problem names them: "3、7"; over several sheets "五华区!2、盘龙区!2"."""
    found = list(rows)
    if len({row.sheet for row in found}) > 1:
        return "、".join(f"{row.sheet}!{row.number}" for row in found)
    return "、".join(str(row.number) for row in found)


def surplus(same: Sequence[Row], *, apart_from: str = "") -> Sequence[Row]:
    """Of rows that mean one record, those to send back: of exact copies all but the first, of rows that differ all.

    So are all where one has an error of its own: which of them would be left after that is the clerk's to say.
    `apart_from` is a field in which copies may differ.
    """
    if any(row.is_rejected for row in same):
        return same
    contents = [{name: value for name, value in row.values.items() if name != apart_from} for row in same]
    return same[1:] if all(content == contents[0] for content in contents) else same
