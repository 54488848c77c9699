"""Two people with one record open: what each did not touch keeps what the other has written, and where both wrote the
same field, the second is told and decides.

The form carries a keyed digest of each value as it was when the page was made. On saving, a value that is still the
one shown but is another in the database by now was changed by somebody else, and stays as he left it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import models
from django.forms import FileField, MultiValueField
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

SEEN = "_seen"


def digest(name: str, value: Any) -> str:
    """The same for what a form shows and for what it makes of it; nobody can tell the value from it."""
    return salted_hmac(f"seen {name}", _plain(value)).hexdigest()[:12]


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, datetime.datetime):
        return value.replace(microsecond=0).astimezone(datetime.UTC).isoformat()
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, dict):
        return repr(sorted(value.items()))
    if isinstance(value, Iterable) and not isinstance(value, str | bytes) and not hasattr(value, "chunks"):
        return "\0".join(sorted(map(_plain, value)))
    return str(value).replace("\r\n", "\n")


class Merging:
    """For a form of a record that exists, before ModelForm."""

    _kept: frozenset[str] = frozenset()

    @property
    def seen(self) -> str:
        """What the page carries along: "name:digest" of each value that it shows; "" for a new record."""
        if self.instance.pk is None:  # type: ignore[attr-defined]
            return ""
        return " ".join(f"{name}:{digest(name, self[name].initial)}" for name in self.fields)  # type: ignore[attr-defined, index]

    def _clean_fields(self) -> None:
        """Before the form's own `clean`, which judges the values together."""
        super()._clean_fields()  # type: ignore[misc]
        pairs = (pair.partition(":") for pair in self.data.get(SEEN, "").split())  # type: ignore[attr-defined]
        shown = {name: seen for name, _colon, seen in pairs if name in self.cleaned_data}  # type: ignore[attr-defined]
        for name, seen in shown.items():
            field, now = self.fields[name], self[name].initial  # type: ignore[attr-defined, index]
            posted = self.cleaned_data[name]  # type: ignore[attr-defined]
            known = digest(name, now)
            if isinstance(field, FileField) or known in (seen, digest(name, posted)):
                continue
            if digest(name, posted) == seen:
                parts = field.widget.decompress(now) if isinstance(field, MultiValueField) else field.prepare_value(now)
                self.cleaned_data[name] = field.clean(parts)  # type: ignore[attr-defined]
                self._kept |= {name}
            else:
                told = _("Somebody else has changed this meanwhile. Save again to keep what you entered instead.")
                self.add_error(name, told)  # type: ignore[attr-defined]

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in self._kept]  # type: ignore[misc]
