"""Numbers of persons in free text: an ID or mobile number in remarks or a notice is plain, and often public.

Fields for numbers are sealed and masked (`privacy`); a text that people fill in is not, so it takes none
(Personal Information Protection Law arts 6, 51).
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from unionportal.codes import CodeError, check_resident_id
from unionportal.privacy import looks_like_mobile

# Groups as people write them, 138 0013 8000 or 138-0013-8000, are one number.
_DIGITS = re.compile(r"(?<![0-9A-Za-z])\+?[0-9](?:[ \-.·]?[0-9]){9,19}[xX]?(?![0-9A-Za-z])")


def _is_personal(digits: str) -> bool:
    mobile = digits.removeprefix("86") if len(digits) == 13 else digits
    if looks_like_mobile(mobile):
        return True
    try:
        check_resident_id(digits)
    except CodeError:
        return False
    return True


def holds_personal_number(text: str) -> bool:
    """Whether a mobile number, or a resident ID with a right check digit, stands in `text`.

    Hotlines, landlines, amounts, dates and account numbers are none.
    """
    flat = unicodedata.normalize("NFKC", text)
    return any(_is_personal(re.sub(r"[^0-9X]", "", found.group().upper())) for found in _DIGITS.finditer(flat))


def refuse_personal_numbers(text: str, label: object) -> None:
    """Raises ValidationError (code personal_number), which names the field, where `text` holds such a number."""
    if holds_personal_number(text or ""):
        raise ValidationError(
            _("“%(field)s” holds what looks like an ID or mobile number. Leave it out: everybody could read it there."),
            code="personal_number",
            params={"field": label},
        )


class NoPersonalNumbers(models.Model):
    """A model whose texts take no number of a person; `plain_texts` names them. `full_clean` refuses them by field."""

    plain_texts: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        refused = {}
        for name in self.plain_texts:
            try:
                refuse_personal_numbers(getattr(self, name), self._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            except ValidationError as error:
                refused[name] = error
        if refused:
            raise ValidationError(refused)
