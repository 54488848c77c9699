"""What a spreadsheet of an app looks like: its columns, their headings, and how a row becomes a record.

The vocabulary is django-import-export's (Resource, Field, Widget), and so is the export. The path a file takes
into the database is our own (`examination`, `actions`), because the stock one writes outside the clerk's branch,
stops at the first error and lets a repeated key win in silence.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import Resource

from unionportal.organizations.models import Organization
from unionportal.scope import is_scoped, visible
from unionportal.sheets.cells import as_text, is_blank
from unionportal.sheets.headings import Vocabulary
from unionportal.sheets.problems import ERROR, WARNING, Code, Problem, problem, register_codes
from unionportal.sheets.rows import CellFound as CellFound
from unionportal.sheets.rows import Changes as Changes
from unionportal.sheets.rows import Outcome as Outcome
from unionportal.sheets.rows import Places, masked_text, unguarded
from unionportal.sheets.rows import Row as Row
from unionportal.sheets.rows import numbers_of as numbers_of
from unionportal.sheets.rows import surplus as surplus
from unionportal.sheets.widgets import CellProblem, SheetWidget
from unionportal.sheets.writing import RETURNED_HEADINGS


class SheetField(Field):
    """A column: the heading it is written under, other headings it is known by, and how its cells are read.

    `column_name` is the Chinese heading. `headings` are synonyms. `private` values are masked wherever the run
    shows them. `repeatable` columns may occur several times (facility flags).
    """

    def __init__(
        self,
        name: str,
        column_name: str,
        widget: SheetWidget | None = None,
        *,
        headings: Sequence[str] = (),
        required: bool = False,
        private: bool = False,
        repeatable: bool = False,
        export: bool = True,
        flags: bool = False,
        note: Any = "",
        example: str = "",
        width: int = 14,
        attribute: str | None = None,
    ) -> None:
        super().__init__(attribute=attribute or name, column_name=column_name, widget=widget or SheetWidget())
        self.name = name
        self.headings = [column_name, *headings]
        self.required = required
        self.private = private
        self.repeatable = repeatable
        self.export = export
        # Whether "/" and "无" mean "no" here rather than "not stated".
        self.flags = flags
        self.note = note
        self.example = example
        self.width = width


# Told from time to time how many rows of how many are done. What it raises ends the work.
Told = Callable[[int, int], None]


@dataclass
class Context:
    """For whom a sheet is read: the organisation, the account (None: the command line) and what was chosen."""

    organization: Organization
    user: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    # The worksheet on which the list begins; a row of a list over several names its own.
    sheet_name: str = ""
    # Problems of the file as a whole that turned up while its rows were read.
    problems: list[Problem] = field(default_factory=list)
    # Told while rows are written; see `Told`.
    wrote: Told | None = None
    # Gives rows one by one and tells meanwhile how far the checks are: `check_rows` goes through it.
    passing: Callable[[Sequence[Row]], Iterable[Row]] = iter

    def wrote_of(self, total: int) -> Callable[[int], None] | None:
        """As `wrote`, for a verb that knows only how many of the `total` it has written."""
        told = self.wrote
        return None if told is None else lambda count: told(count, total)

    def editable(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Rows an import may change: those of the user's reach, inside the organisation's branch."""
        rows: Any = model._default_manager.all() if self.user is None else model._default_manager.editable_by(self.user)  # type: ignore[attr-defined]
        path = getattr(rows, "scope_path", "")
        return rows.filter(**{f"{path}__startswith": self.organization.path}) if path else rows

    def visible(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Rows an import may refer to."""
        if self.user is None or not is_scoped(model):
            return model._default_manager.all()
        return visible(model, self.user)


class SheetResource(Resource):
    """Base of every sheet. A subclass names its columns and implements the five steps below the line.

    One instance serves one reading: look-ups are loaded once in `prepare`.
    """

    kind: ClassVar[str]
    title: ClassVar[Any]
    model: ClassVar[type[models.Model]]
    columns: ClassVar[Sequence[SheetField]]
    # A list without any heading, or with its title as the only one, is a list of this field.
    lone_field: ClassVar[str] = "name"
    # What the list is about ("驿站"): left out before another word of a heading.
    subject_words: ClassVar[Sequence[str]] = ()
    # Headings that are known and left out on purpose: no warning.
    ignored_headings: ClassVar[Sequence[str]] = ("序号", "序列", "No", "来源", "填报单位", "填报人")

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.by_name = {column.name: column for column in self.columns}
        self._readers_of: Places | None = None
        self._known_readers: list[tuple[int, CellReader]] = []

    @classmethod
    def permission(cls, verb: str) -> str:
        """``"import"`` -> ``"stations.import_station"``."""
        meta = cls.model._meta
        return f"{meta.app_label}.{verb}_{meta.model_name}"

    @property
    def asks_datum(self) -> bool:
        """Whether the sheet has positions, so that their coordinate system may have to be chosen."""
        return "datum" in self.by_name

    def vocabulary(self) -> Vocabulary:
        """The headings by which this sheet's fields are known."""
        return Vocabulary(
            {column.name: column.headings for column in self.columns},
            repeatable=[column.name for column in self.columns if column.repeatable],
            subject_words=self.subject_words,
            title_field=self.lone_field,
        )

    def ignores(self, heading: str) -> bool:
        """Whether a heading is left out without a word: blank, a running number, or our own of a returned workbook."""
        plain = heading.strip().rstrip(".:：").lower()
        ignored = (*self.ignored_headings, *RETURNED_HEADINGS)
        return not plain or plain in {word.lower() for word in ignored}

    def read_row(self, row: Row) -> None:
        """Read every cell through its widget; a problem in one cell does not keep the others from being read."""
        if row.is_rearranged:
            for name, cells in row.cells.items():
                for cell in cells:
                    reader = CellReader(self, name, cell.column, cell.heading)
                    self._take(row, reader.column, reader.read(cell.value, row))
        else:
            raw, width = row.raw, len(row.raw)
            for index, reader in self._readers(row.places):
                if index < width and (value := raw[index]) is not None and value != "":
                    known = reader.known
                    # A cell that was read before is by far the most frequent case of a long list.
                    if type(value) in REMEMBERED_TYPES and value in known:
                        found = known[value]
                    else:
                        found = reader.read(value, row)
                    if found is not None:
                        self._take(row, reader.column, found)
        for column in self._required:
            missing = row.has(column.name) and column.name not in row.values
            if missing and not any(p.field == column.name and p.level == ERROR for p in row.problems):
                row.report("value-required", column.name, name=column.column_name)

    @cached_property
    def _required(self) -> list[SheetField]:
        return [column for column in self.columns if column.required]

    def _readers(self, places: Places) -> list[tuple[int, CellReader]]:
        """A reader for each column of the list; they last as long as the list, for they remember its cells."""
        if places is not self._readers_of:
            self._readers_of = places
            self._known_readers = [
                (place.at, CellReader(self, name, place.column, place.heading))
                for name, found in places.items()
                for place in found
            ]
        return self._known_readers

    def forget_cells(self) -> None:
        """Let go what was remembered of the cells: once all rows are read, it is of no more use."""
        self._readers_of, self._known_readers = None, []

    @staticmethod
    def _take(row: Row, column: SheetField, found: Reading) -> None:
        if found is None:
            return
        read, said = found
        if said:
            row.problems += [replace(one, row=row.number, sheet=row.sheet) for one in said]
        if read is None:
            return
        if column.repeatable:
            row.values.setdefault(column.name, []).append(read)
        else:
            row.values[column.name] = read

    def masked(self, column: SheetField, value: Any) -> Any:
        """A value as a report may show it: that of a private column is masked by its widget."""
        text = as_text(value)
        return column.widget.mask(text) if column.private else masked_text(text)

    # --- The five steps of a sheet ---------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load look-ups, from `context.editable` and `context.visible` only."""

    def check_rows(self, rows: Sequence[Row]) -> None:
        """What only the row, or the file, as a whole can tell: cross-field checks."""

    def identify(self, rows: Sequence[Row]) -> None:
        """Find for each row the record it means (`row.existing`), and rows that mean the same one."""
        raise NotImplementedError

    def compare(self, row: Row) -> None:
        """Fill `row.changes`, unless `identify` has; leave it empty where nothing would change."""
        raise NotImplementedError

    def check_outcome(self, rows: Sequence[Row]) -> None:
        """What the rows would break together in the database, said before it is tried."""

    def save(self, rows: Sequence[Row], *, by: Any) -> None:
        """Write the rows through the app's bulk verb."""
        raise NotImplementedError

    def check_values(self, row: Row, values: Mapping[str, Any]) -> None:
        """Let each field of the model judge its value, so that the database is never the first to refuse one."""
        for name, value in values.items():
            try:
                column = self.model._meta.get_field(name)
            except FieldDoesNotExist:
                continue
            if value in (None, "") or column.is_relation or not column.concrete:
                continue
            try:
                column.clean(value, None)
            except ValidationError as error:
                row.report("value-invalid", self.field_of(name), value=as_text(value), why=" ".join(error.messages))

    def field_of(self, attribute: str) -> str:
        """The sheet's column for an attribute of the model; the attribute itself where there is none."""
        return next((column.name for column in self.columns if attribute in (column.name, column.attribute)), attribute)

    def label_of(self, name: str) -> str:
        """What a person calls a column of the sheet or an attribute of the model."""
        column = self.by_name.get(self.field_of(name))
        if column is not None:
            return column.column_name
        try:
            return str(self.model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            return name

    def export_rows(self, queryset: models.QuerySet[Any]) -> Iterable[list[str]]:
        """The rows of an export, column by column, as text."""
        exported = [column for column in self.columns if column.export]
        for record in queryset.iterator(chunk_size=2000):
            yield [self.export_cell(column, record) for column in exported]

    def export_cell(self, column: SheetField, record: Any) -> str:
        return column.widget.render(column.get_value(record), record)

    @classmethod
    def exported_columns(cls) -> list[SheetField]:
        return [column for column in cls.columns if column.export]


# What a cell gives: its value (None: nothing), and what is to be said of it. None for a blank cell.
Reading = tuple[Any, Sequence[Problem]] | None

# Types whose values are the same where they are equal: 1, 1.0 and True are equal and not the same.
REMEMBERED_TYPES = frozenset((str, float, datetime.date))
# Names of unions and occupations come again and again, numbers of persons never.
_REMEMBERED_CELLS = 20_000


class CellReader:
    """Reads the cells of one column and remembers what it has read: most columns of a list hold few values."""

    __slots__ = ("_cell", "_remembers", "_resource", "column", "known")

    def __init__(self, resource: SheetResource, name: str, letter: str, heading: str) -> None:
        self._resource, self.column = resource, resource.by_name[name]
        self._cell = CellFound(letter, heading, None)
        self._remembers = self.column.widget.reads_alone
        self.known: dict[Any, Reading] = {}

    def read(self, value: Any, row: Row) -> Reading:
        """The value of a cell and what is to be said of it."""
        found = self._read(value, row)
        if self._remembers and type(value) in REMEMBERED_TYPES and len(self.known) < _REMEMBERED_CELLS:
            self.known[value] = found
        return found

    def _read(self, value: Any, row: Row) -> Reading:
        value = unguarded(value)
        if is_blank(value, words=not self.column.flags):
            return None
        said: list[Problem] = []
        column, cell = self.column, self._cell
        cell.value = value

        def say(code: str, *, level: str | None = None, **params: Any) -> None:
            shown = self._resource.masked(column, value)
            place = {"column": cell.column, "heading": cell.heading, "field": column.name}
            said.append(problem(code, row=row.number, **place, value=shown, level=level, **params))

        try:
            read = column.widget.clean(value, row, note=say, column=cell)
        except CellProblem as found:
            say(found.code, level=found.level, **found.params)
            read = None
        # What held nothing but invisible characters is a blank cell.
        return None if read == "" else read, tuple(said)


_kinds: dict[str, type[SheetResource]] = {}


def register(resource: type[SheetResource]) -> type[SheetResource]:
    """Class decorator: make a sheet known under its `kind`."""
    _kinds[resource.kind] = resource
    return resource


def resource_for(kind: str) -> type[SheetResource]:
    """Raises LookupError for an unknown kind."""
    try:
        return _kinds[kind]
    except KeyError:
        raise LookupError(f"unknown sheet {kind!r}; known: {', '.join(sorted(_kinds))}")


def kinds() -> list[type[SheetResource]]:
    return [_kinds[kind] for kind in sorted(_kinds)]


register_codes(
    {
        "value-required": Code(_("“%(name)s” is empty."), _("Fill it in: a row cannot go without it.")),
        "text-too-long": Code(_("The text has %(length)d characters; %(limit)d at most fit."), _("Shorten it.")),
        "value-invalid": Code(_("“%(value)s” cannot be stored: %(why)s"), _("Correct the cell.")),
        "word-unknown": Code(_("“%(value)s” is none of the words for this column."), _("Write one of: %(choices)s.")),
        "organization-unknown": Code(
            _("“%(value)s” is no union in your branch, or several bear this name.%(near)s"),
            _("Write its code, or its name in full."),
        ),
        "file-repeated": Code(
            _("The same file was applied on %(when)s by %(who)s."),
            _("Apply it again only if that is what you mean; unchanged rows stay as they are."),
            WARNING,
        ),
        "file-unreadable": Code(_("The file %(value)s cannot be opened: %(why)s."), _("Check the path.")),
        "account-unknown": Code(_("There is no account “%(value)s” that may act."), _("Check the user name.")),
        "organization-out-of-reach": Code(
            _("There is no organization “%(value)s”, or it is out of reach."),
            _("Check the code, or name a union you work for with --organization."),
        ),
        "mapping-unknown": Code(
            _("“%(value)s” maps no heading to a field."), _("Write HEADING=field; the fields are: %(known)s.")
        ),
        "sheet-refused": Code(_("The sheet was refused: %(why)s"), ""),
    }
)
