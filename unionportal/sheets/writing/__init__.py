"""Spreadsheets out: lists, templates, and the rows that were rejected."""

from ..reading.book import column_letter
from .lists import csv_chunks, write_csv, write_xlsx
from .returned import PROBLEM_HEADING, RETURNED_HEADINGS, ROW_HEADING, write_problem_workbook
from .safe import csv_cell
from .template import EXAMPLE_MARK, GUIDE_SHEET, TemplateColumn, write_template

__all__ = [
    "EXAMPLE_MARK",
    "GUIDE_SHEET",
    "PROBLEM_HEADING",
    "RETURNED_HEADINGS",
    "ROW_HEADING",
    "TemplateColumn",
    "column_letter",
    "csv_cell",
    "csv_chunks",
    "write_csv",
    "write_problem_workbook",
    "write_template",
    "write_xlsx",
]
