"""The empty workbook that a clerk fills in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from ..tables.rows import EXAMPLE_MARK
from .lists import column_width, date_formats
from .safe import column_letter, write_cell

GUIDE_SHEET = "填写说明"
CHOICES_SHEET = "选项"
PREPARED_ROWS = 2000
MAX_INLINE_CHOICES = 255
EXAMPLE_GREY = "#8A8A8A"


@dataclass(frozen=True)
class TemplateColumn:
    """A column of a template. ``text_format`` keeps digits as typed: telephones, codes, identity numbers."""

    heading: str
    note: str = ""
    required: bool = False
    choices: Sequence[str] = ()
    example: Any = ""
    width: float | None = None
    text_format: bool = False


def write_template(file: IO[bytes], columns: Sequence[TemplateColumn], sheet_name: str = "Sheet1") -> None:
    """Write a template: headings with notes, drop-downs, a marked example row, and a sheet that explains."""
    workbook = xlsxwriter.Workbook(file, {"strings_to_formulas": False})
    sheet = workbook.add_worksheet(sheet_name)
    guide = workbook.add_worksheet(GUIDE_SHEET)
    _write_headings(workbook, sheet, columns)
    _write_example(workbook, sheet, columns)
    _add_choices(workbook, sheet, columns)
    _write_guide(workbook, guide, columns)
    sheet.freeze_panes(1, 0)
    sheet.activate()
    workbook.close()


def _write_headings(workbook: Any, sheet: Any, columns: Sequence[TemplateColumn]) -> None:
    plain = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    optional = workbook.add_format(plain | {"bg_color": "#F3F3F3"})
    required = workbook.add_format(plain | {"bg_color": "#FBE3E0", "font_color": "#B3261E"})
    text = workbook.add_format({"num_format": "@"})
    for index, column in enumerate(columns):
        width = column.width or column_width(column.heading)
        sheet.set_column(index, index, width, text if column.text_format else None)
        # The star is decoration that heading matching takes off again.
        heading = f"*{column.heading}" if column.required else column.heading
        sheet.write_string(0, index, heading, required if column.required else optional)
        if column.note:
            sheet.write_comment(0, index, column.note, {"x_scale": 2, "author": ""})


def _write_example(workbook: Any, sheet: Any, columns: Sequence[TemplateColumn]) -> None:
    formats = date_formats(workbook)
    grey = workbook.add_format({"font_color": EXAMPLE_GREY, "italic": True})
    grey_date = workbook.add_format({"font_color": EXAMPLE_GREY, "italic": True, "num_format": "yyyy-mm-dd"})
    for index, column in enumerate(columns):
        value = column.example
        if index == 0:
            value = f"{EXAMPLE_MARK}{value}"
        elif column.text_format and value not in ("", None):
            value = str(value)
        write_cell(sheet, 1, index, value, formats, grey_date if hasattr(value, "year") else grey)


def _add_choices(workbook: Any, sheet: Any, columns: Sequence[TemplateColumn]) -> None:
    """Drop-downs; a list that is too long for a cell's own rule lies on a hidden sheet."""
    long_lists = None
    used = 0
    for index, column in enumerate(columns):
        choices = [str(choice) for choice in column.choices]
        if not choices:
            continue
        source: Any = choices
        if len(",".join(choices)) > MAX_INLINE_CHOICES or any("," in choice for choice in choices):
            if long_lists is None:
                long_lists = workbook.add_worksheet(CHOICES_SHEET)
                long_lists.hide()
            long_lists.write_string(0, used, column.heading)
            for line, choice in enumerate(choices, start=1):
                long_lists.write_string(line, used, choice)
            letter = column_letter(used)
            source = f"={CHOICES_SHEET}!${letter}$2:${letter}${len(choices) + 1}"
            used += 1
        # A warning, not a stop: a pasted synonym is understood on import.
        rule = {"validate": "list", "source": source, "error_type": "warning"}
        rule["error_title"] = _("Not in the list")
        rule["error_message"] = _("Please choose one of the values in the list.")
        sheet.data_validation(1, index, PREPARED_ROWS, index, rule)


def _write_guide(workbook: Any, guide: Any, columns: Sequence[TemplateColumn]) -> None:
    bold = workbook.add_format({"bold": True, "bg_color": "#F3F3F3", "bottom": 1})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    lines = [
        _("Fill in one entry per row on the first sheet; do not merge cells."),
        _("Columns marked with * must be filled in."),
        _("Delete the grey example row before you hand the sheet in."),
        _("Keep the headings; columns that you do not need may be left empty or deleted."),
    ]
    for line, text in enumerate(lines):
        guide.write_string(line, 0, text)
    top = len(lines) + 1
    titles = (_("Heading"), _("Required"), _("How to fill it in"), _("Choices"), _("Example"))
    for column_number, (title, width) in enumerate(zip(titles, (20, 8, 50, 40, 24), strict=True)):
        guide.set_column(column_number, column_number, width)
        guide.write_string(top, column_number, title, bold)
    for line, column in enumerate(columns, start=top + 1):
        required = _("yes") if column.required else _("no")
        cells = (
            column.heading,
            required,
            column.note,
            "、".join(map(str, column.choices)),
            str(column.example),
        )
        for column_number, text in enumerate(cells):
            guide.write_string(line, column_number, text[:32_767], wrap)
