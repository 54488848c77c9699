"""What can be wrong with a spreadsheet, said so that a clerk can mend it.

Every problem has a stable code from one catalogue: the cause, the remedy and the level. The documentation
page of codes, the JSON answer and the returned workbook are all built from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

ERROR = "error"
WARNING = "warning"
NOTE = "note"


class Code(NamedTuple):
    """One entry of the catalogue. ``cause`` and ``remedy`` may hold ``%(name)s`` placeholders."""

    cause: Text
    remedy: Text
    level: str = ERROR


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``row`` is the spreadsheet's own number, ``None`` for the whole file."""

    code: str
    level: str
    message: str
    row: int | None = None
    column: str | None = None
    heading: str = ""
    field: str = ""
    value: str = ""
    sheet: str = ""

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON: always these eight keys. Where several sheets were read the message names its own."""
        message = self.message
        if self.sheet:
            message = _("Sheet “%(sheet)s”: %(message)s") % {"sheet": self.sheet, "message": self.message}
        return {
            "row": self.row,
            "column": self.column,
            "heading": self.heading,
            "field": self.field,
            "level": self.level,
            "code": self.code,
            "message": str(message),
            "value": self.value,
        }


class SheetFileError(Exception):
    """The file can't be used at all; ``problem`` says why and what to do."""

    def __init__(self, problem: Problem):
        super().__init__(problem.message)
        self.problem = problem


CODES: dict[str, Code] = {}


def register_codes(codes: Mapping[str, Code]) -> None:
    """Add the codes of another module. Raises ``ValueError`` when a code would change its meaning."""
    for code, entry in codes.items():
        if CODES.get(code, entry) != entry:
            raise ValueError(f"problem code {code!r} is already registered")
    CODES.update(codes)


def problem(
    code: str,
    *,
    row: int | None = None,
    column: str | None = None,
    heading: str = "",
    field: str = "",
    value: object = "",
    sheet: str = "",
    level: str | None = None,
    **params: object,
) -> Problem:
    """Build a finding from the catalogue, in the active language.

    The message may name ``row``, ``column``, ``heading``, ``field`` and ``value`` besides ``params``.
    Raises ``LookupError`` for a code that is not registered.
    """
    if code not in CODES:
        raise LookupError(f"unknown problem code {code!r}")
    entry = CODES[code]
    found = "" if value is None else str(value)
    words = {
        "row": row,
        "column": column,
        "heading": heading,
        "field": field,
        "value": shorten(found),
    } | params
    sentence = {"cause": str(entry.cause) % words, "remedy": str(entry.remedy) % words}
    return Problem(
        code=code,
        level=level or entry.level,
        # Translators: English sets a space between two sentences, Chinese does not.
        message=(str(_("%(cause)s %(remedy)s")) % sentence).strip(),
        row=row,
        column=column,
        heading=heading,
        field=field,
        value=found,
        sheet=sheet,
    )


def refuse(code: str, **details: object) -> SheetFileError:
    """The exception for a file that can't be used: ``raise refuse("file-empty")``."""
    return SheetFileError(problem(code, **details))  # type: ignore[arg-type]


def shorten(text: str, limit: int = 40) -> str:
    """A value as a message shows it: a page of text in one cell must not fill the screen."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


SAVE_AS_XLSX = _("Open it in Excel or WPS, save it as an .xlsx workbook and upload that file.")

register_codes(
    {
        "file-empty": Code(_("The file is empty."), _("Choose the file that holds the list.")),
        "file-too-large": Code(
            _("The file has %(size)s MB; at most %(limit)s MB can be read."),
            _("Remove pictures and unused sheets, or divide the list into several files."),
        ),
        "file-too-complex": Code(
            _("The file unpacks to far more data than a list needs."),
            _("Copy the rows of the list into a new workbook and upload that one."),
        ),
        "file-damaged": Code(
            _("The file is damaged or was not uploaded completely."),
            _("Open it in Excel or WPS, save it again and upload the new file."),
        ),
        "file-encrypted": Code(
            _("The file is protected by a password."),
            _("Open it, remove the password (File, Protect workbook), save it and upload it again."),
        ),
        "file-not-spreadsheet": Code(
            _("This is no spreadsheet but a file of the kind “%(kind)s”."),
            _("Upload the list as .xlsx, .xls, .ods or .csv."),
        ),
        "file-unsafe": Code(
            _("The file refers to outside documents (a DOCTYPE in its XML) and was not opened."), SAVE_AS_XLSX
        ),
        "file-markup-unreadable": Code(
            _("The file is a web page or XML under a spreadsheet's name, and no table was found in it."),
            SAVE_AS_XLSX,
        ),
        "file-takes-too-long": Code(
            _("The file could not be read within %(seconds)s seconds."),
            _("Copy the rows of the list into a new workbook and upload that one."),
        ),
        "text-encodings-mixed": Code(
            _("Two encodings are mixed: %(count)s lines (%(lines)s …) are in %(encoding)s, the rest in %(usual)s."),
            _("Open the two files it was put together from, copy their rows into one workbook and save it as .xlsx."),
        ),
        "text-undecodable": Code(
            _("The text is neither UTF-8, UTF-16 nor GB 18030 (line %(line)s)."),
            _("Save the file as “CSV UTF-8” or as .xlsx and upload it again."),
        ),
        "quote-unclosed": Code(
            _("The quotation mark opened in row %(row)s is never closed, so rows can't be told apart."),
            _("Close or remove the quotation mark, or upload the list as .xlsx."),
        ),
        "cell-too-long": Code(
            _("The cell %(column)s%(row)s holds more than %(limit)s characters."),
            _("Shorten its text and upload the file again."),
        ),
        "sheets-missing": Code(
            _("The workbook has no sheet with anything in it."), _("Choose the file that holds the list.")
        ),
        "table-missing": Code(
            _("No list was found in the file."),
            _("The first row should hold the headings and each row below one entry; the template shows how."),
        ),
        "too-many-rows": Code(_("The sheet has more than %(limit)s rows."), _("Divide the list into several files.")),
        "too-many-columns": Code(
            _("The sheet has more than %(limit)s columns."),
            _("Delete the columns that are not part of the list."),
        ),
        "other-tables": Code(
            _("The file holds further lists that were not read: %(names)s."),
            _("To read one of them as well, upload the file once more and choose it at “1. The list in the file”."),
            WARNING,
        ),
        "table-unknown": Code(
            _("The file has %(count)s lists; there is no list %(value)s."), _("The lists are: %(names)s.")
        ),
        "sheet-hidden": Code(
            _("The sheet “%(name)s” is hidden and was not read."),
            _("Show the sheet and upload the file again if its rows belong to the list."),
            NOTE,
        ),
        "heading-missing": Code(
            _("The list has no headings; its columns were taken in the order found."),
            _("Say which column holds what, or put the headings above the list."),
            WARNING,
        ),
        "heading-unknown": Code(
            _("The column “%(heading)s” is not known and was left out."),
            _("Say which field it is, or leave it out if it is not needed."),
            WARNING,
        ),
        "heading-repeated": Code(
            _("The column “%(heading)s” means the same as “%(first)s” and was left out."),
            _("Delete one of the two columns or say which one counts."),
            WARNING,
        ),
        "heading-required": Code(
            _("The list has no column “%(heading)s”.%(perhaps)s"),
            _("Add the column, say which column holds it, or choose the kind of list anew."),
        ),
        "repeated-heading-row": Code(_("Row %(row)s repeats the headings and was left out."), "", NOTE),
        "total-row": Code(
            _("Row %(row)s is a total and no entry."), _("It was left out; delete it to have a clean list.")
        ),
        "note-row": Code(
            _("Row %(row)s is a remark and no entry."), _("It was left out; delete it to have a clean list.")
        ),
        "section-row": Code(
            _("Row %(row)s is a heading between the rows and no entry."),
            _("It was left out; what it says should stand in a column of its own."),
        ),
        "sample-row": Code(
            _("Row %(row)s is an example and no entry."),
            _("It was left out; delete it, or the mark of an example before its first cell."),
        ),
        "example-row": Code(_("Row %(row)s is the template's example and was left out."), "", NOTE),
        "formula-without-value": Code(
            _("The cell holds a formula whose result was not saved in the file."),
            _("Open the file in Excel or WPS, save it and upload it again, or type the value."),
        ),
        "error-value": Code(_("The cell shows the error “%(value)s”."), _("Correct the formula or type the value.")),
    }
)

register_codes(
    {
        "text-cleaned": Code(_("Stray spaces or invisible characters were removed."), "", NOTE),
        "line-breaks-joined": Code(_("Several lines in one cell were joined into one."), "", NOTE),
        "full-width-converted": Code(_("Full-width letters and digits were changed to ordinary ones."), "", NOTE),
        "value-approximate": Code(
            _("“%(value)s” is not exact; the number in it was taken."),
            _("Correct it if you know better."),
            NOTE,
        ),
        "unit-removed": Code(_("The unit in “%(value)s” was left out."), "", NOTE),
        "unit-converted": Code(_("“%(value)s” was converted to the unit of this column."), "", NOTE),
        "unit-unknown": Code(
            _("“%(value)s” has a unit that does not belong in this column."),
            _("Type the number alone, in the unit named by the heading."),
        ),
        "number-unreadable": Code(_("“%(value)s” is not a number."), _("Type the number alone, such as 30.")),
        "number-not-whole": Code(_("“%(value)s” is not a whole number."), _("Type a whole number, such as 30.")),
        "date-unreadable": Code(_("“%(value)s” is not a date."), _("Type it like 2023-02-01 or 2023-02.")),
        "date-rewritten": Code(_("“%(value)s” was read as a date in another notation."), "", NOTE),
        "word-read-as": Code(_("“%(value)s” was read as “%(word)s”."), "", NOTE),
        "date-month-only": Code(_("“%(value)s” names no day; only the month was taken."), "", NOTE),
        "date-year-only": Code(_("“%(value)s” names no month; only the year was taken."), "", NOTE),
        "date-from-serial": Code(_("The number %(value)s was read as a spreadsheet date."), "", NOTE),
        "date-time-dropped": Code(_("The time of day in “%(value)s” was left out."), "", NOTE),
        "yes-no-unreadable": Code(_("“%(value)s” is neither yes nor no."), _("Type 是 or 否.")),
        "yes-partial": Code(_("“%(value)s” was taken as “in part”."), "", NOTE),
        "digits-unreadable": Code(_("“%(value)s” holds other characters than digits."), _("Type the digits alone.")),
        "digits-recovered": Code(
            _("The number was stored as a quantity (%(value)s); its digits were taken."),
            _("Set the column's format to text."),
            NOTE,
        ),
        "digits-lost": Code(
            _("The spreadsheet has cut off the last digits of “%(value)s”."),
            _("Set the column's format to text and type the number again."),
        ),
    }
)


register_codes(
    {
        "arguments-wrong": Code(
            _("The command is incomplete or wrong (%(value)s)."),
            _("Write: manage.py sheet import KIND FILE; KIND is one of %(known)s."),
        ),
        "mapping-without-heading": Code(
            _("--map names the column “%(heading)s”, which the list does not have."),
            _("Write the heading as it stands in the list, or # and the column's letter."),
            WARNING,
        ),
    }
)
