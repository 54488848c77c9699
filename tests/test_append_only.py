"""What was recorded stands: the database itself refuses to change or delete it, whoever asks."""

from __future__ import annotations

import datetime
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, connection, models, transaction
from django.db.models import ProtectedError

from bargaining.models import Step, Vote
from tests.bargaining.makers import make_negotiation, until_draft, vote
from tests.factories import make_county
from unionportal.audit.actions import record
from unionportal.audit.history import event_model_of
from unionportal.audit.models import AuditEvent
from unionportal.ledger.actions import book, reverse
from unionportal.ledger.models import LedgerLine

pytestmark = pytest.mark.django_db

RECORDS: dict[type[models.Model], dict[str, Any]] = {
    LedgerLine: {"amount_fen": 1},
    AuditEvent: {"actor": "别人"},
    Step: {"on": datetime.date(2020, 1, 1)},
    Vote: {"in_favour": 1},
}


def a_line() -> LedgerLine:
    return book(
        organization=make_county(),
        amount_fen=684_000,
        source_level="city",
        purpose="履职补贴",
        occurred_on=datetime.date(2026, 3, 2),
        by=None,
    )


def a_row(model: type[models.Model]) -> models.Model:
    if model is LedgerLine:
        return a_line()
    if model is AuditEvent:
        return record("move", make_county(), by=None)
    negotiation = make_negotiation(make_county())
    until_draft(negotiation)
    vote(negotiation, 46, 44, 41)
    return (negotiation.steps if model is Step else negotiation.votes).first()


@pytest.fixture(params=RECORDS, ids=lambda model: model.__name__)
def row(request: pytest.FixtureRequest, time_machine: Any) -> models.Model:
    time_machine.move_to("2026-06-15T09:00:00+08:00", tick=False)
    return a_row(request.param)


def refused() -> Any:
    return pytest.raises(DatabaseError, match="Cannot update or delete")


def kept(row: models.Model) -> dict[str, Any]:
    return type(row)._default_manager.filter(pk=row.pk).values().get()


def test_a_record_is_neither_changed_nor_deleted_by_the_portal(row: models.Model) -> None:
    before, rows = kept(row), type(row)._default_manager.filter(pk=row.pk)
    with refused(), transaction.atomic():
        rows.update(**RECORDS[type(row)])
    with refused(), transaction.atomic():
        rows.delete()
    with refused(), transaction.atomic():
        row.save()
    assert kept(row) == before


def test_a_record_is_neither_changed_nor_deleted_by_sql(row: models.Model) -> None:
    before, table = kept(row), row._meta.db_table
    (column,) = RECORDS[type(row)]
    for statement in (f'UPDATE {table} SET "{column}" = "{column}"', f"DELETE FROM {table}"):
        with refused(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert kept(row) == before


def test_a_negotiation_that_has_steps_is_not_deleted_with_them(time_machine: Any) -> None:
    time_machine.move_to("2026-06-15T09:00:00+08:00", tick=False)
    step = a_row(Step)
    with pytest.raises(ProtectedError):
        step.negotiation.delete()  # type: ignore[attr-defined]


def test_a_wrong_line_is_undone_by_a_counter_line() -> None:
    reverse(a_line(), by=None, purpose="重复记账", on=datetime.date(2026, 3, 3))
    assert LedgerLine.objects.count() == 2
    assert LedgerLine.objects.total() == 0


def test_what_a_vote_a_step_and_a_clause_said_is_in_the_history(time_machine: Any) -> None:
    time_machine.move_to("2026-06-15T09:00:00+08:00", tick=False)
    step = a_row(Step)
    negotiation = step.negotiation  # type: ignore[attr-defined]
    clause = negotiation.agreement.clauses.get()
    clause.text = "每月15日发放工资"
    clause.save()
    for kept_row, writes in ((step, ["insert"]), (negotiation.votes.get(), ["insert"]), (clause, ["insert", "update"])):
        history: Any = event_model_of(type(kept_row))
        labels = history.objects.filter(pgh_obj_id=kept_row.pk).order_by("pgh_id").values_list("pgh_label", flat=True)
        assert list(labels) == writes


def test_only_the_named_trigger_can_be_lifted_and_only_for_a_moment() -> None:
    """The way a lawful forgetting goes: in this block and nowhere else."""
    event = a_row(AuditEvent)
    with pgtrigger.ignore("audit.AuditEvent:append_only"):
        AuditEvent.objects.filter(pk=event.pk).update(actor="")
    with refused(), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(actor="别人")
