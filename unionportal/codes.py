"""Numbers that carry their own proof: resident ID, credit code, division code, station check character.

A number is read as people type it (full-width digits, blanks, a small x) and refused with a `CodeError`
whose `code` is stable for programs and whose message can be shown. Messages never repeat the number.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import mul

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.iso7064 import mod_37_36

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK_DIGITS = "10X98765432"
# The standard prints a holder born in 1880; before that a date is a slip of the pen.
_EARLIEST_BIRTH = date(1850, 1, 1)
# A spreadsheet keeps 15 significant digits of a number.
_SPREADSHEET_DIGITS = 15
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_DECIMALS = re.compile(r"([0-9]{15,18})\.0+")
_ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]")


class CodeError(ValueError):
    """A value that cannot be accepted. `code` is stable; `message` is for people and lazily translated."""

    def __init__(self, code: str, message: object) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class IdKind(TextChoices):
    """The four cards that carry an 18-character number checked as in GB 11643."""

    RESIDENT = "resident", _("Resident identity card")
    HONG_KONG = "hong_kong", _("Residence permit for Hong Kong residents")
    MACAO = "macao", _("Residence permit for Macao residents")
    TAIWAN = "taiwan", _("Residence permit for Taiwan residents")
    FOREIGNER = "foreigner", _("Foreign permanent resident ID card")


# 81, 82, 83: residence permits of 2018; a leading 9: foreign permanent resident ID card of 2023.
_PERMITS = {"81": IdKind.HONG_KONG, "82": IdKind.MACAO, "83": IdKind.TAIWAN}


@dataclass(frozen=True)
class ResidentId:
    """A checked number. `number` stays out of the repr, because reprs end in logs.

    `division` has six digits as printed (it may be historic); on a foreigner's card it is the province of
    the application. `gender` is "M" or "F".
    """

    number: str = field(repr=False)
    division: str
    birth_date: date
    gender: str
    kind: IdKind


# Characters that take no room, as chats and word processors leave them in what is copied: for a regular expression.
UNSEEN = r"\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"


def _compact(value: object) -> str:
    text = unicodedata.normalize("NFKC", str(value))
    return re.sub(rf"[\s'{UNSEEN}]", "", text).upper()


def _from_cell(value: object, lost: CodeError) -> str:
    """The cell as compact text; raises `lost` where the spreadsheet has already rounded the number."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        if not number.is_finite() or number.adjusted() >= _SPREADSHEET_DIGITS:
            raise lost
        value = format(number.normalize(), "f")
    text = _compact(value)
    if _SCIENTIFIC.fullmatch(text):
        raise lost
    return text


def id_check_digit(first_17: str) -> str:
    """The 18th character for 17 digits: sum of digit x weight, modulo 11, into 10X98765432 (GB 11643)."""
    total = sum(map(mul, map(int, first_17), _ID_WEIGHTS))
    return _ID_CHECK_DIGITS[total % 11]


def _id_kind(number: str) -> IdKind:
    return IdKind.FOREIGNER if number[0] == "9" else _PERMITS.get(number[:2], IdKind.RESIDENT)


def _birth_date(digits: str, today: date) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        born = None
    if born is None or not _EARLIEST_BIRTH <= born <= today:
        raise CodeError("id-date", _("The birth date inside the ID number is not a real past date."))
    return born


def _lost_digits() -> CodeError:
    return CodeError(
        "id-lost-digits",
        _("The spreadsheet kept only 15 digits of this ID number. Format it as text, type it again."),
    )


def _without_decimals(number: str) -> str:
    """`…997.0` without its end: a number once. Where a spreadsheet's number can be exactly that, it was one, and
    its last digits are not those of the card.
    """
    found = _DECIMALS.fullmatch(number)
    if not found:
        return number
    digits = found[1]
    if len(digits) > _SPREADSHEET_DIGITS and int(float(digits)) == int(digits):
        raise _lost_digits()
    return digits


def _check_id_shape(number: str) -> None:
    if len(number) == 15 and number.isascii() and number.isdigit():
        raise CodeError(
            "id-15-digits",
            _("This is an old 15-digit ID number, invalid since 2013. Enter the 18 characters of the card."),
        )
    if len(number) != 18:
        raise CodeError("id-length", _("An ID number has 18 characters, this one has %(n)d.") % {"n": len(number)})
    if not _ID_NUMBER.fullmatch(number):
        raise CodeError("id-format", _("An ID number is 17 digits, not beginning with 0, and a digit or X."))


def check_resident_id(value: object, *, today: date | None = None) -> ResidentId:
    """Check an ID number by length, birth date and check digit (GB 11643).

    The division is not looked up: IDs keep the divisions of the day they were issued. A numeric cell is
    refused, because a spreadsheet keeps 15 digits of 18.

    Raises `CodeError`: id-lost-digits, id-15-digits, id-length, id-format, id-date, id-check-digit.
    """
    # A plain text is nearly every number of a list, and the list may be long.
    if isinstance(value, str) and _ID_NUMBER.fullmatch(value):
        number = value
    else:
        number = _without_decimals(_from_cell(value, _lost_digits()))
        _check_id_shape(number)
    born = _birth_date(number[6:14], today or timezone.localdate())
    if id_check_digit(number[:17]) != number[17]:
        # A rounded number that was later turned into text looks like a wrong check digit after 000.
        if number.endswith("000"):
            raise _lost_digits()
        raise CodeError("id-check-digit", _("The ID number has a wrong digit: the check digit does not fit."))
    kind = _id_kind(number)
    division = f"{number[1:3]}0000" if kind == IdKind.FOREIGNER else number[:6]
    return ResidentId(number, division, born, "M" if int(number[16]) % 2 else "F", kind)


def check_credit_code(value: object) -> str:
    """The compact unified social credit code (GB 32100: 18 of 31 characters, modulo 31).

    The first two characters may be letters (N for rural collectives, A, Y), which `uscc.validate` refuses;
    so the length and alphabet are checked here and the check digit there.

    Raises `CodeError`: credit-lost-digits, credit-length, credit-format, credit-check-digit.
    """
    lost = CodeError(
        "credit-lost-digits",
        _("The spreadsheet kept only 15 digits of this credit code. Format it as text, type it again."),
    )
    text = _from_cell(value, lost).replace("-", "")
    if len(text) != 18:
        raise CodeError("credit-length", _("A credit code has 18 characters, this one has %(n)d.") % {"n": len(text)})
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", text):
        raise CodeError(
            "credit-format",
            _("A credit code has digits and letters without I, O, S, V, Z; its 3rd to 8th are digits."),
        )
    if uscc.calc_check_digit(text[:17]) != text[17]:
        raise CodeError("credit-check-digit", _("The credit code has a wrong character: the check digit does not fit."))
    return text


def is_union_credit_code(value: object) -> bool:
    """Whether this is a valid credit code of a union: 81 grass-roots union, 89 other (GB 32100)."""
    try:
        return check_credit_code(value).startswith(("81", "89"))
    except CodeError:
        return False


class DivisionLevel(TextChoices):
    """The five levels of GB/T 2260 and of the 12-digit statistical division code."""

    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    COUNTY = "county", _("County or district")
    STREET = "street", _("Street or town")
    COMMUNITY = "community", _("Community or village")


def check_division_code(value: object) -> str:
    """The division code in its natural length: 6 digits to the county, 9 to the street, 12 to the community.

    Zeros that only fill up (370811000000) are dropped. Raises `CodeError`: division-format.
    """
    refusal = CodeError("division-format", _("A division code has 6, 9 or 12 digits."))
    text = _from_cell(value, refusal)
    if not re.fullmatch(r"[1-9][0-9]{5}([0-9]{3}){0,2}", text):
        raise refusal
    while len(text) > 6 and text.endswith("000"):
        text = text[:-3]
    return text


def division_level(value: object) -> DivisionLevel:
    """The level of a division code. Raises `CodeError`: division-format."""
    code = check_division_code(value)
    if len(code) == 12:
        return DivisionLevel.COMMUNITY
    if len(code) == 9:
        return DivisionLevel.STREET
    if code.endswith("0000"):
        return DivisionLevel.PROVINCE
    return DivisionLevel.CITY if code.endswith("00") else DivisionLevel.COUNTY


def division_stem(code: str) -> str:
    """The digits that a division shares with all below it: 530000 -> 53, 530100 -> 5301, others whole."""
    if len(code) != 6:
        return code
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def division_parent(value: object) -> str | None:
    """The code one level up, in its natural length; None for a province."""
    code = check_division_code(value)
    match division_level(code):
        case DivisionLevel.COMMUNITY:
            return check_division_code(code[:9])
        case DivisionLevel.STREET:
            return code[:6]
        case DivisionLevel.COUNTY:
            return f"{code[:4]}00"
        case DivisionLevel.CITY:
            return f"{code[:2]}0000"
    return None


def _station_text(text: str) -> str:
    compact = _compact(text).replace("-", "")
    if not re.fullmatch(r"[0-9A-Z]+", compact):
        raise CodeError("check-alphabet", _("A station code has only digits, capital letters and hyphens."))
    return compact


def check_character(text: str) -> str:
    """The character that completes a station code (ISO 7064 MOD 37,36); hyphens and blanks do not count.

    Finds every single wrong character and almost every swap of neighbours. Raises `CodeError`:
    check-alphabet.
    """
    return mod_37_36.calc_check_digit(_station_text(text))


def has_valid_check_character(text: str) -> bool:
    """Whether the last character of a station code proves the others."""
    try:
        compact = _station_text(text)
    except CodeError:
        return False
    return len(compact) > 1 and mod_37_36.is_valid(compact)
