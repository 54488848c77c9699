"""How the cells of a member list are read: identity numbers and phones."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from unionportal.privacy import PhoneError, looks_like_mobile, normalize_phone
from unionportal.sheets.problems import NOTE, WARNING, Code, register_codes
from unionportal.sheets.widgets import CellProblem, Note, SheetWidget

register_codes(
    {
        "id-number-wrong": Code(
            _("The ID number cannot be taken: %(why)s"), _("Check it against the card and type it as text.")
        ),
        "id-number-masked": Code(
            _("The ID number is masked and was left out; the member is found by the card number."), "", NOTE
        ),
        "member-phone-unreadable": Code(
            _("The phone number was left out: %(why)s"), _("Write the 11 digits of the mobile number."), WARNING
        ),
        "phone-masked": Code(_("The phone number is masked and was left out."), "", NOTE),
    }
)

_MASKED = re.compile(r"[*＊•×]{2,}|[xX]{3,}")


def is_masked(value: object) -> bool:
    """Whether a number is written with stars, as the portal's own exports write it."""
    return bool(_MASKED.search(str(value)))


class IdNumberWidget(SheetWidget):
    """The cell as it stands: only the row's type of document says how it is to be read (see `resources`)."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> Any:
        if is_masked(value):
            note("id-number-masked")
            return None
        return value


class MobileWidget(SheetWidget):
    """One mobile number in its one form; anything else is left out, for no code could be sent to it."""

    def clean(self, value: Any, row: Any = None, *, note: Note, **kwargs: Any) -> str | None:
        if is_masked(value):
            note("phone-masked")
            return None
        try:
            phone = normalize_phone(value)
        except PhoneError as error:
            raise CellProblem("member-phone-unreadable", why=str(error))
        if not looks_like_mobile(phone):
            raise CellProblem("member-phone-unreadable", why=str(_("it is no mobile number.")))
        return phone
