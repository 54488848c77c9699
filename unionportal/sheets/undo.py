"""Taking a sheet back: the rows it created are removed, those it changed get their former values.

What a sheet did is read from the history that triggers keep: every event between two marks that bears the run's
context. Values go back inside the database, so what is sealed stays sealed. What history does not keep, the parts that
a resource names in `undo_parts` (a station's facilities), lies in the run's journal as it was before.

All or nothing: a row that somebody has touched since, or a new one that something refers to, keeps the whole run.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from unionportal.audit.history import event_model_of
from unionportal.privacy import seal_bytes, unseal_bytes
from unionportal.sheets.resources import SheetResource

_SEALED_FOR = "sheets.SheetRun.journal"
NAMED = 3
# Columns that the tree of unions keeps itself.
TREE_COLUMNS = frozenset(("path", "depth", "numchild"))


@dataclass
class Journal:
    """What undoing a run needs. `marks` are, by event model, the last event before the run and that at its end;
    `parts` are, by model, the rows that belonged to the changed records before.
    """

    context: str = ""
    marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def sealed(self) -> bytes:
        text = json.dumps(dataclasses.asdict(self), ensure_ascii=False, cls=DjangoJSONEncoder)
        return seal_bytes(zlib.compress(text.encode()), _SEALED_FOR)

    @classmethod
    def unsealed(cls, sealed: bytes) -> Journal:
        return cls(**json.loads(zlib.decompress(unseal_bytes(sealed, _SEALED_FOR))))


def _tracked() -> dict[str, tuple[type[models.Model], Any]]:
    """Event models by label, with the model each tracks."""
    found = {}
    for model in apps.get_models():
        if event := event_model_of(model):
            found[event._meta.label] = (model, event)
    return found


def _last_events() -> dict[str, int]:
    return {
        label: event.objects.aggregate(last=models.Max("pgh_id"))["last"] or 0
        for label, (_model, event) in _tracked().items()
    }


@contextmanager
def journalled(run_id: int, resource: type[SheetResource], changing: Sequence[int]) -> Iterator[Journal]:
    """Everything written inside is noted in the journal that is given; complete once the block has ended.

    `changing` are the keys of the records that will be changed.
    """
    journal = Journal(parts={label: _parts_of(resource, label, changing) for label in undo_parts(resource)})
    with pghistory.context(sheet_run=run_id) as context:
        before = _last_events()
        yield journal
        after = _last_events()
        journal.context = str(context.id)
        journal.marks = {label: (before[label], last) for label, last in after.items() if last > before[label]}


def undo_parts(resource: type[SheetResource]) -> tuple[str, ...]:
    """Labels of the models whose rows are parts of the sheet's records."""
    return getattr(resource, "undo_parts", ())


def can_be_undone(resource: type[SheetResource]) -> bool:
    """Whether sheets of the kind can go back: their resource says which parts its records have, perhaps none."""
    return hasattr(resource, "undo_parts") and event_model_of(resource.model) is not None


def _link(resource: type[SheetResource], part: type[models.Model]) -> Any:
    """The field by which a part points to its record."""
    return next(column for column in part._meta.concrete_fields if column.related_model is resource.model)


def _parts_of(resource: type[SheetResource], label: str, keys: Sequence[int]) -> list[dict[str, Any]]:
    part: Any = apps.get_model(label)
    names = [column.attname for column in part._meta.concrete_fields]
    return list(part._base_manager.filter(**{f"{_link(resource, part).name}__in": keys}).values(*names))


def _put_back(resource: type[SheetResource], label: str, kept: list[dict[str, Any]], keys: Sequence[int]) -> None:
    """Give the records exactly the parts they had."""
    part: Any = apps.get_model(label)
    part._base_manager.filter(**{f"{_link(resource, part).name}__in": keys}).delete()
    columns = part._meta.concrete_fields
    part._base_manager.bulk_create(
        [part(**{column.attname: column.to_python(row[column.attname]) for column in columns}) for row in kept],
        batch_size=2000,
    )


def take_back(resource: SheetResource, journal: Journal, *, by: Any) -> tuple[int, int]:
    """Undo what the journal says. Returns how many rows were removed and how many got their former values.

    Raises ValidationError, with the reason in words, where something has been touched since; nothing is done then.
    """
    kind = type(resource)
    steps = []
    for label, (low, high) in journal.marks.items():
        if label not in _tracked():
            raise ValidationError(_("The records have been rebuilt since, so the sheet can no longer be undone."))
        model, event = _tracked()[label]
        if model._meta.label not in undo_parts(kind):
            steps.append(_Step(model, event, journal.context, low, high))
    steps = [step for step in steps if step.created or step.changed]
    for step in steps:
        step.require_untouched()
        step.require_unreferred(steps, undo_parts(kind))
    restored = sum(step.restore() for step in steps)
    changed = [pk for step in steps if step.model is resource.model for pk in step.changed]
    for label, kept in journal.parts.items():
        _put_back(kind, label, kept, changed)
    return sum(step.remove() for step in steps), restored


class _Step:
    """What a run did to one tracked model."""

    def __init__(self, model: type[models.Model], event: Any, context: str, low: int, high: int) -> None:
        self.model, self.event, self.low, self.high = model, event, low, high
        mine = event.objects.filter(pgh_context_id=context, pgh_id__gt=low, pgh_id__lte=high)
        labels = list(mine.order_by("pgh_id").values_list("pgh_obj_id", "pgh_label", "pgh_id"))
        self.created = {pk for pk, label, _id in labels if label == "insert"}
        self.changed = {pk for pk, label, _id in labels if label == "update"} - self.created
        if any(label == "delete" for _pk, label, _id in labels):
            raise ValidationError(_("The sheet removed records, which cannot be undone."))
        known = {column.name for column in event._meta.concrete_fields}
        self.columns = [
            column.column
            for column in model._meta.concrete_fields
            if not column.primary_key and column.name in known and column.name not in TREE_COLUMNS
        ]
        self._last = {pk: event_id for pk, _label, event_id in labels}

    def require_untouched(self) -> None:
        """Every row must still be as the run left it."""
        table, events = self.model._meta.db_table, self.event._meta.db_table
        quote: Any = connection.ops.quote_name
        now = ", ".join(f"m.{quote(name)}" for name in self.columns)
        then = ", ".join(f"e.{quote(name)}" for name in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT e.pgh_obj_id FROM {quote(events)} e LEFT JOIN {quote(table)} m ON m.id = e.pgh_obj_id "
                f"WHERE e.pgh_id = ANY(%s) AND (m.id IS NULL OR ({now}) IS DISTINCT FROM ({then}))",
                [list(self._last.values())],
            )
            touched = [pk for (pk,) in cursor.fetchall()]
        if touched:
            names = "、".join(str(row) for row in self.model._base_manager.filter(pk__in=touched[:NAMED]))
            raise ValidationError(
                ngettext(
                    "%(count)d row has been changed since (%(names)s), so nothing was undone.",
                    "%(count)d rows have been changed since (%(names)s …), so nothing was undone.",
                    len(touched),
                )
                % {"count": len(touched), "names": names or "—"}
            )

    def require_unreferred(self, steps: list[_Step], parts: Any) -> None:
        """Nothing but the run's own rows and a record's own parts may refer to what would be removed."""
        if not self.created:
            return
        own = {step.model: step.created for step in steps}
        relations: Any = self.model._meta.get_fields(include_hidden=True)
        for relation in relations:
            if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)) or relation.concrete:
                continue
            other = relation.related_model
            if other._meta.label in parts or not relation.field.db_constraint or not other._meta.managed:
                continue
            rows = other._base_manager.filter(**{f"{relation.field.name}__in": self.created})
            rows = rows.exclude(pk__in=own.get(other, set()))
            if count := rows.count():
                raise ValidationError(
                    _("%(count)d × “%(what)s” refer to rows that the sheet created, so nothing was undone.")
                    % {"count": count, "what": other._meta.verbose_name}
                )
        self._require_no_branch()

    def _require_no_branch(self) -> None:
        """What was hung below a new union since would be lost with it."""
        if "path" not in {column.name for column in self.model._meta.concrete_fields}:
            return
        manager: Any = self.model._base_manager
        for path in manager.filter(pk__in=self.created).values_list("path", flat=True):
            if manager.filter(path__startswith=path).exclude(pk__in=self.created).exists():
                raise ValidationError(_("Unions were added below one that the sheet created, so nothing was undone."))

    def restore(self) -> int:
        """Give each changed row the values of its last event before the run."""
        if not self.changed:
            return 0
        quote: Any = connection.ops.quote_name
        table, events = quote(self.model._meta.db_table), quote(self.event._meta.db_table)
        sets = ", ".join(f"{quote(name)} = e.{quote(name)}" for name in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} m SET {sets} FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {events} "
                "WHERE pgh_obj_id = ANY(%s) AND pgh_id <= %s ORDER BY pgh_obj_id, pgh_id DESC) e "
                "WHERE m.id = e.pgh_obj_id",
                [list(self.changed), self.low],
            )
            count = cursor.rowcount
        if count != len(self.changed):
            raise ValidationError(_("The former values of some rows are not on record, so nothing was undone."))
        return count

    def remove(self) -> int:
        if self.created:
            self.model._base_manager.filter(pk__in=self.created).delete()
        return len(self.created)
