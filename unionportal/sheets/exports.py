"""A sheet's way out: the filtered list, the empty template, the rows that were rejected."""

from __future__ import annotations

from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _

from unionportal.organizations.models import Organization
from unionportal.sheets import writing
from unionportal.sheets.examination import Examination
from unionportal.sheets.resources import Outcome, SheetResource
from unionportal.sheets.widgets import WordWidget

FORMATS = ("xlsx", "csv")


def exportable(
    resource: type[SheetResource], user: Any, organization: Organization | None = None
) -> models.QuerySet[Any]:
    """Rows that `user` may take out (None: the command line), inside the organisation's branch if one is given.

    Raises PermissionDenied where the user may export nothing of the kind.
    """
    rows: Any = resource.model._default_manager.all()
    if user is not None:
        if not user.has_perm(resource.permission("export")):
            raise PermissionDenied(_("Your roles do not allow exporting this sheet."))
        rows = rows.reached_by(user, "export")
    if organization is not None:
        rows = rows.filter(**{f"{rows.scope_path}__startswith": organization.path})
    return rows


def write(file: IO[bytes], resource: SheetResource, rows: models.QuerySet[Any], format: str) -> int:
    """Write the rows as .xlsx or .csv, streamed. Returns their number. Raises ValueError for another format."""
    headings = [column.column_name for column in resource.exported_columns()]
    lines = resource.export_rows(rows)
    if format == "csv":
        return writing.write_csv(file, headings, lines)
    if format != "xlsx":
        raise ValueError(f"no export to .{format}: xlsx or csv")
    return writing.write_xlsx(file, str(resource.title), headings, lines)


def write_template_of(file: IO[bytes], resource: SheetResource) -> None:
    """The empty workbook of a sheet: headings, notes, drop-downs and a marked example row."""
    resource.prepare()
    columns = [
        writing.TemplateColumn(
            heading=column.column_name,
            note=str(column.note),
            required=column.required,
            choices=column.widget.choices() if isinstance(column.widget, WordWidget) else (),
            example=column.example,
            width=column.width,
        )
        for column in resource.exported_columns()
    ]
    writing.write_template(file, columns)


def write_rest(file: IO[bytes], found: Examination, mark: tuple[str, str] | None = None) -> None:
    """The rejected rows under their own headings, with the problems beside each and in the cells; see
    `writing.write_problem_workbook` for `mark`.
    """
    rejected = {(row.sheet, row.number) for row in found.rows if row.outcome is Outcome.REJECTED}
    problems = [p for p in found.problems if (p.sheet, p.row) in rejected]
    writing.write_problem_workbook(file, found.table, problems, only=rejected, mark=mark)
