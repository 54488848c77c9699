"""How the cells of a member list are read: identity numbers, phones, yes/no columns that stand for a group."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from unionportal.privacy import PhoneError, looks_like_mobile, normalize_phone, split_phones
from unionportal.sheets.cells import clean_text
from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes
from unionportal.sheets.widgets import CellProblem, Note, SheetWidget, WordWidget, YesNoWidget

register_codes(
    {
        "id-number-wrong": Code(
            _("The ID number cannot be taken: %(why)s"), _("Check it against the card and type it as text.")
        ),
        "id-number-masked": Code(
            _("The ID number is masked and was left out; the member is found by the card number."), "", NOTE
        ),
        "id-number-repaired": Code(
            _("The ID number was typed with signs that do not belong to it; its 18 characters were taken."), "", NOTE
        ),
        "member-phone-unreadable": Code(
            _("The phone number was left out: %(why)s"), _("Write the 11 digits of the mobile number."), WARNING
        ),
        "member-phones-several": Code(
            _("The cell holds several numbers; the first mobile number was taken."),
            _("A member is reached by one number: leave the one that counts."),
            WARNING,
        ),
        "phone-masked": Code(_("The phone number is masked and was left out."), "", NOTE),
        "phone-rewritten": Code(
            _("The phone number was typed with signs that do not belong to it; its 11 digits were taken."), "", NOTE
        ),
    }
)

_MASKED = re.compile(r"[*＊•×]{2,}|[xX]{3,}")
_SIGNS = re.compile(r"[^0-9A-Za-z]")


def is_masked(value: object) -> bool:
    """Whether a number is written with stars, as the portal's own exports write it."""
    return bool(_MASKED.search(str(value)))


def is_spoilt_number(value: object) -> bool:
    """Whether a number typed as text holds more than its own characters: spaces, full width, an end in .0."""
    return isinstance(value, str) and (not value.isascii() or bool(_SIGNS.search(value)))


class IdNumberWidget(SheetWidget):
    """The cell as it stands: only the row's type of document says how it is to be read (see `resources`)."""

    # No two members have the same number: nothing is worth remembering.
    reads_alone = False

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        if is_masked(value):
            note("id-number-masked")
            return None
        return value


class MobileWidget(SheetWidget):
    """One mobile number in its one form; anything else is left out, for no code could be sent to it."""

    reads_alone = False

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str | None:
        if isinstance(value, str) and looks_like_mobile(value):
            return value
        if is_masked(value):
            note("phone-masked")
            return None
        try:
            phone = normalize_phone(value)
        except PhoneError as error:
            phone = self._first_of_several(value, note)
            if not phone:
                raise CellProblem("member-phone-unreadable", why=str(error))
        else:
            if isinstance(value, str) and value != phone:
                note("phone-rewritten")
        if not looks_like_mobile(phone):
            raise CellProblem("member-phone-unreadable", why=str(_("it is no mobile number.")))
        return phone

    @staticmethod
    def _first_of_several(value: Any, note: Note) -> str:
        try:
            mobiles = [phone for phone in split_phones(value) if looks_like_mobile(phone)]
        except PhoneError:
            return ""
        if not mobiles:
            return ""
        note("member-phones-several")
        return mobiles[0]


class GroupFlagWidget(SheetWidget):
    """Yes or no to “one of the eight groups”, or the group itself: `words` knows the groups by name."""

    reads_alone = True
    level = WARNING

    def __init__(self, words: WordWidget | None = None) -> None:
        super().__init__()
        self.words, self.yes_no = words, YesNoWidget()

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        try:
            return self.yes_no.clean(value, row, note=note)
        except CellProblem:
            group = self.words.find(clean_text(value)[0]) if self.words else None
            if group is None:
                raise
            return group
