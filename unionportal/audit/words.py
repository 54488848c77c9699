"""The words in which a reader is told what an audit event says. Apps add their own verbs and detail names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from unionportal.audit.models import AuditEvent

_verbs: dict[str, str | Promise] = {
    "look": _("Looked at personal data"),
    "add": _("Added"),
    "move": _("Moved"),
    "open_account": _("Opened the account"),
    "close_account": _("Closed the account"),
    "reset_password": _("Gave a new first password"),
    "grant_role": _("Granted a role"),
    "withdraw_role": _("Withdrew a role"),
}
_details: dict[str, str | Promise] = {
    "field": _("field"),
    "from": _("from"),
    "from_name": _("from organization"),
    "to": _("to"),
    "to_name": _("to organization"),
    "role": _("role"),
    "at": _("at organization"),
    "reason": _("reason"),
    "answer": _("answer"),
    "accounts": _("accounts"),
}
_values: dict[str, str | Promise] = {}


def register_words(
    *,
    verbs: Mapping[str, str | Promise] | None = None,
    details: Mapping[str, str | Promise] | None = None,
    values: Mapping[str, str | Promise] | None = None,
) -> None:
    """Add words for verbs, for names of details, and for stored values (states, roles) of an app's events."""
    _verbs.update(verbs or {})
    _details.update(details or {})
    _values.update(values or {})


def verb_of(event: AuditEvent) -> str:
    """The verb of an event as people say it."""
    return str(_verbs.get(event.verb, event.verb))


def details_of(event: AuditEvent) -> str:
    """Purpose and details of an event in one line."""
    parts = [event.purpose] if event.purpose else []
    for key, value in event.details.items():
        if value in (None, "", []):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(_values.get(str(value), value))
        parts.append(f"{_details.get(key, key)}: {text}")
    return "; ".join(parts)
