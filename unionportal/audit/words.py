"""The words in which a reader is told what an audit event says. Apps add their own verbs and detail names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from unionportal.audit.context import SYSTEM

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from unionportal.audit.models import AuditEvent

_verbs: dict[str, str | Promise] = {
    "look": _("Looked at personal data"),
    "add": _("Added"),
    "change": _("Changed"),
    "move": _("Moved"),
    "open_account": _("Opened the account"),
    "close_account": _("Closed the account"),
    "reopen_account": _("Reopened the account"),
    "reset_password": _("Gave a new first password"),
    "grant_role": _("Granted a role"),
    "withdraw_role": _("Withdrew a role"),
}
_details: dict[str, str | Promise] = {
    "field": _("field"),
    "from": _("previously"),
    "from_name": _("from organization"),
    "to": _("now"),
    "to_name": _("to organization"),
    "role": _("role"),
    "at": _("at organization"),
    "reason": _("reason"),
    "answer": pgettext_lazy("audit", "answer"),
    "accounts": _("accounts"),
}
_values: dict[str, str | Promise] = {}


def register_words(
    *,
    of: str = "",
    verbs: Mapping[str, str | Promise] | None = None,
    details: Mapping[str, str | Promise] | None = None,
    values: Mapping[str, str | Promise] | None = None,
) -> None:
    """Add words for verbs, for names of details, and for stored values (states, roles) of an app's events.

    `of` is the label of that app: its words for verbs and values come first for its own records, since two apps
    may say "closed" or "report" of different things.
    """
    for known, added in ((_verbs, verbs or {}), (_values, values or {})):
        known.update(added)
        known.update({_key(of, name): word for name, word in added.items()})
    _details.update(details or {})


def _key(app_label: str, name: str) -> str:
    return f"{app_label}:{name}"


def _word(words: Mapping[str, str | Promise], event: AuditEvent, name: str) -> str:
    app_label = event.subject_type.partition(".")[0]
    return str(words.get(_key(app_label, name)) or words.get(name, name))


def actor_of(event: AuditEvent) -> str:
    """Who did it: an account's name, a member himself, or the portal (a command, the worker)."""
    return event.actor if event.actor_id or event.actor != SYSTEM else gettext("The portal itself")


def verb_of(event: AuditEvent) -> str:
    """The verb of an event as people say it."""
    return _word(_verbs, event, event.verb)


def details_of(event: AuditEvent) -> str:
    """Purpose and details of an event in one line."""
    parts = [event.purpose] if event.purpose else []
    for key, value in event.details.items():
        if value not in (None, "", []):
            parts.append(
                gettext("%(label)s: %(text)s") % {"label": _details.get(key, key), "text": _told(event, key, value)}
            )
    return gettext("; ").join(parts)


def _told(event: AuditEvent, key: str, value: Any) -> str:
    if isinstance(value, list):
        return gettext(", ").join(map(str, value))
    if key == "field":
        return _field_name(event.subject_type, str(value))
    return _word(_values, event, str(value))


def _field_name(label: str, name: str) -> str:
    """The name of a model's field as its forms show it."""
    try:
        return str(apps.get_model(label)._meta.get_field(name).verbose_name)
    except (LookupError, ValueError, FieldDoesNotExist, AttributeError):
        return name
