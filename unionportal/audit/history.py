"""What happened to one object, read from its trigger history and the audit record, newest first."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from unionportal.audit.models import AuditEvent
from unionportal.audit.words import actor_of, details_of, verb_of
from unionportal.privacy import EncryptedTextField, LookupHashField
from unionportal.scope import visible

MASK = "***"
# Most changes shown of one object; older ones stay in the database.
MOST = 500
# Worked out from other fields, or bookkeeping: a reader learns nothing from them.
_DERIVED = frozenset(
    {"name_key", "identity", "initials", "search_text", "updated_at", "created_at", "path", "depth", "numchild"}
)


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as a reader would write them."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One thing that happened: a write with its fields, or an audit event with its words."""

    at: datetime.datetime
    who: str
    ip: str
    what: str
    fields: list[FieldChange] = field(default_factory=list)
    note: str = ""


@cache
def event_model_of(model: type[models.Model]) -> type[pghistory.models.Event] | None:
    """The trigger history model of `model`, or None where it keeps none."""
    for candidate in apps.get_models():
        if issubclass(candidate, pghistory.models.Event) and candidate.pgh_tracked_model is model:
            return candidate
    return None


def changes_of(subject: models.Model, *, reader: Any) -> list[Change]:
    """Writes and audit events of `subject`, newest first.

    Encrypted fields are masked; related rows that `reader` may not see appear as a number. Looks at personal data
    are told to who may read the audit record.
    """
    changes = [*_writes(subject, reader), *_events(subject, reader)]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _events(subject: models.Model, reader: Any) -> list[Change]:
    events = AuditEvent.objects.about(subject)
    if not reader.has_perm("audit.view_auditevent"):
        events = events.exclude(verb=AuditEvent.LOOK)
    shown = events[:MOST]
    return [Change(e.at, actor_of(e), e.ip or "", verb_of(e), note=details_of(e)) for e in shown]


def _writes(subject: models.Model, reader: Any) -> list[Change]:
    model = event_model_of(type(subject))
    if model is None:
        return []
    history: Any = model._default_manager
    rows = list(history.filter(pgh_obj_id=subject.pk).select_related("pgh_context").order_by("-pgh_id")[:MOST])
    fields = _shown_fields(type(subject), model)
    names = _Names(reader, fields, rows)
    changes = []
    for row, before in zip(rows, [*rows[1:], None], strict=True):
        told = _differences(fields, before, row, names)
        if told or row.pgh_label != "update":
            changes.append(_change(row, told))
    return changes


def _shown_fields(model: type[models.Model], event_model: type[models.Model]) -> list[models.Field[Any, Any]]:
    kept = {f.name for f in event_model._meta.concrete_fields}
    return [
        f
        for f in model._meta.concrete_fields
        if f.name in kept and f.name not in _DERIVED and not f.primary_key and not isinstance(f, LookupHashField)
    ]


def _change(row: Any, told: list[FieldChange]) -> Change:
    about = row.pgh_context.metadata if row.pgh_context else {}
    labels = {"insert": _("Added"), "update": _("Changed"), "delete": _("Deleted")}
    return Change(
        row.pgh_created_at,
        about.get("actor") or _("The portal itself"),
        about.get("ip") or "",
        labels.get(row.pgh_label, row.pgh_label),
        told,
    )


def _differences(fields: list[models.Field[Any, Any]], before: Any, after: Any, names: _Names) -> list[FieldChange]:
    found = []
    for f in fields:
        old, new = getattr(before, f.attname, None), getattr(after, f.attname)
        if old == new or (before is None and new in (None, "", [], {}, False)):
            continue
        found.append(FieldChange(str(f.verbose_name), names.told(f, old), names.told(f, new)))
    return found


class _Names:
    """Values as a reader would write them; names of related rows are fetched once per field."""

    def __init__(self, reader: Any, fields: list[models.Field[Any, Any]], rows: list[Any]) -> None:
        self._related: dict[str, dict[Any, Any]] = {}
        for f in fields:
            if isinstance(f, models.ForeignKey):
                ids = {value for row in rows if (value := getattr(row, f.attname)) is not None}
                self._related[f.name] = visible(f.remote_field.model, reader).in_bulk(ids) if ids else {}

    def told(self, f: models.Field[Any, Any], value: Any) -> str:
        if value in (None, ""):
            return ""
        if isinstance(f, EncryptedTextField):
            return MASK
        if isinstance(f, models.ForeignKey):
            row = self._related[f.name].get(value)
            return str(row) if row else f"#{value}"
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, datetime.datetime):
            return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        if f.choices:
            return str(dict(f.flatchoices).get(value, value))
        return str(value)
