"""How the cells that name people are read: telephone numbers, and keepers with their numbers beside them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _

from unionportal.privacy import PhoneError, looks_like_mobile, mask_phone, split_phones
from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes
from unionportal.sheets.widgets import CellProblem, Note, SheetWidget, TextWidget

# Several people in one cell: "张三13800138000、李四13900139000", "张三13800138000 李四13900139000".
_BETWEEN_PEOPLE = re.compile(r"[;；、/|,，\n\r]+|(?<=[\d)])\s+(?=[\u4e00-\u9fff])")
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,8}")
_MOBILE_INSIDE = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
# "张三 13800138000", "李主任：0871-65123456", "13800138000(王五)"
_NAME_AND_NUMBER = re.compile(
    r"(?P<before>[\u4e00-\u9fff·]{2,8})?[\s:,，、(]*(?P<number>[+\d][\d\s\-()转]{5,}\d)[\s:,，、(]*"
    r"(?P<after>(?(before)|[\u4e00-\u9fff·]{2,8}))\s*\)?"
)

register_codes(
    {
        "phone-unreadable": Code(
            _("“%(value)s” is not a telephone number."),
            _("Write it with its area code, such as 0871-12345678; several with 、 between them."),
            WARNING,
        ),
        "phone-with-name": Code(_("The name beside the telephone number was taken as the keeper's."), "", NOTE),
        "keeper-with-phone": Code(
            _("The telephone number beside the keeper's name was kept apart: it is encrypted and not shown."), "", NOTE
        ),
        "phone-private": Code(
            _("The mobile number %(masked)s was kept as the keeper's: it is encrypted and not shown to the public."),
            _("If it is meant for the public, enter it at the station as its public phone."),
            WARNING,
        ),
    }
)


def people_and_phones(value: Any) -> tuple[list[str], list[str]]:
    """(names, numbers) of a cell such as "张三13800138000、李四 13900139000". Raises PhoneError."""
    text = unicodedata.normalize("NFKC", str(value)).strip()
    parts = [text] if _NAME_AND_NUMBER.fullmatch(text) else [part.strip() for part in _BETWEEN_PEOPLE.split(text)]
    names: list[str] = []
    numbers: list[str] = []
    alone = ""  # a name whose number stands in the next part
    for part in filter(None, parts):
        named = _NAME_AND_NUMBER.fullmatch(part)
        if not named and alone:
            break
        if named:
            names += filter(None, (alone or named["before"] or named["after"],))
            numbers += split_phones(named["number"])
            alone = ""
        elif _NAME.fullmatch(part):
            alone = part
        else:
            numbers += split_phones(part)
    if alone:
        raise PhoneError("phone-format", text)
    if not numbers:
        raise PhoneError("phone-format", text)
    return list(dict.fromkeys(names)), list(dict.fromkeys(numbers))


class PhonesWidget(SheetWidget):
    """One number or several: a list of numbers as they are written. A name beside a number is the keeper's."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> list[str]:
        try:
            return split_phones(value)
        except PhoneError:
            pass
        try:
            names, numbers = people_and_phones(value)
        except PhoneError:
            raise CellProblem("phone-unreadable", level=WARNING) from None
        if row is not None:
            row.values.setdefault("keeper_name", "、".join(names)[:60])
        note("phone-with-name")
        return numbers


class KeeperNameWidget(TextWidget):
    """A keeper's name. A number that stands beside it is a person's, so it goes where numbers are encrypted."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        if not re.search(r"\d{6}", str(value)):
            return super().clean(value, row, note=note)
        try:
            names, numbers = people_and_phones(value)
        except PhoneError:
            text = str(value)
            numbers = _MOBILE_INSIDE.findall(text)
            names = [re.sub(r"[（(][^）)]*$", "", _MOBILE_INSIDE.sub("", text).strip(" ()（）:：、,，"))]
        if not numbers:
            return super().clean(value, row, note=note)
        if row is not None:
            row.values["keeper_numbers"] = numbers
        note("keeper-with-phone")
        name = "、".join(filter(None, names))
        return super().clean(name, row, note=note) if name else None


def phones_apart(numbers: list[str]) -> tuple[list[str], list[str]]:
    """(office numbers, mobile numbers): a mobile belongs to a person."""
    mobiles = [number for number in numbers if looks_like_mobile(number)]
    return [number for number in numbers if number not in mobiles], mobiles


def masked_phones(numbers: list[str]) -> str:
    return "、".join(mask_phone(number) for number in numbers)
